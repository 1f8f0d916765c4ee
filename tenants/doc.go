// Package tenants is Postgres, as seen from inside one clinic: no row exists outside a
// clinic, so every query starts with In, which says which. What belongs to the whole
// platform starts with Platform and sees only the tables that allow it.
package tenants
