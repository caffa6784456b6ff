//go:build race

package main

func init() { buildArguments = append(buildArguments, "-race") }
