module example.org/court-dates

go 1.23
