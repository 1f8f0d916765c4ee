// Package domain holds what is true of clinics and money: values and rules without
// side effects. It imports the standard library only, and takes time as an argument.
package domain
