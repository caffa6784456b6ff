// Package interop has tests against implementations that share no code with this module. They are in JavaScript, need Node.js,
// and are installed by "make interop", in the versions of package-lock.json.
package interop
