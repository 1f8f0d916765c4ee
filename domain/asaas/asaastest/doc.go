// Package asaastest stands in for the gateway in tests and in local development.
package asaastest
