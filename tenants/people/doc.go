// Package people keeps who may log in to a clinic, their sessions, and the tokens of programs.
package people
