// Package courtdates carries its migrations inside the binary.
package courtdates

import "embed"

// Migrations are applied at start-up, in order of version, each file as one batch.
//
//go:embed migrations/*.up.sql migrations/*.down.sql
var Migrations embed.FS
