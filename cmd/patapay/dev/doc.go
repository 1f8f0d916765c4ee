// Package dev is what one runs on a desk: the whole of PataPay beside private services and a
// simulated Asaas, invented clinics, and scenarios whose ends are compared with /v1.
package dev
