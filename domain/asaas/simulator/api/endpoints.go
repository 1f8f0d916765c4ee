package api

// on makes an endpoint of a resource's method.
func on[Calls ~struct{ *call }](handle func(Calls) answer) func(*call) answer {
	return func(c *call) answer { return handle(Calls{c}) }
}

type endpoint struct {
	pattern, permission string
	handle              func(*call) answer
}

// endpoints is the API below /v3. The permissions' names are not published with the
// answers; these follow the sections of the key form (unverified).
var endpoints = []endpoint{
	{"GET /myAccount/status", "", on(myAccountCalls.status)},
	{"GET /myAccount/commercialInfo", "", on(myAccountCalls.commercialInfo)},
	{"GET /myAccount/accountNumber", "", on(myAccountCalls.accountNumber)},
	{"GET /myAccount/fees", "", on(myAccountCalls.fees)},
	{"GET /wallets", "", on(myAccountCalls.wallets)},
	{"GET /webhooks", "WEBHOOK:READ", on(webhookCalls.list)},
	{"POST /webhooks", "WEBHOOK:WRITE", on(webhookCalls.create)},
	{"GET /webhooks/{id}", "WEBHOOK:READ", on(webhookCalls.get)},
	{"PUT /webhooks/{id}", "WEBHOOK:WRITE", on(webhookCalls.update)},
	{"DELETE /webhooks/{id}", "WEBHOOK:WRITE", on(webhookCalls.remove)},
	{"POST /webhooks/{id}/removeBackoff", "WEBHOOK:WRITE", on(webhookCalls.removeBackoff)},
	{"POST /customers", "CUSTOMER:WRITE", on(customerCalls.create)},
	{"GET /customers", "CUSTOMER:READ", on(customerCalls.list)},
	{"GET /customers/{id}", "CUSTOMER:READ", on(customerCalls.get)},
	{"GET /payments", "PAYMENT:READ", on(paymentCalls.list)},
	{"POST /payments", "PAYMENT:WRITE", on(paymentCalls.create)},
	{"GET /payments/{id}", "PAYMENT:READ", on(paymentCalls.get)},
	{"PUT /payments/{id}", "PAYMENT:WRITE", on(paymentCalls.update)},
	{"DELETE /payments/{id}", "PAYMENT:WRITE", on(paymentCalls.remove)},
	{"GET /payments/{id}/status", "PAYMENT:READ", on(paymentCalls.status)},
	{"GET /payments/{id}/refunds", "PAYMENT:READ", on(paymentCalls.refunds)},
	{"GET /payments/{id}/chargeback", "PAYMENT:READ", on(chargebackCalls.ofPayment)},
	{"POST /payments/{id}/captureAuthorizedPayment", "PAYMENT:WRITE", on(paymentCalls.capture)},
	{"POST /payments/{id}/bankSlip/refund", "PAYMENT:WRITE", on(paymentCalls.refundBoleto)},
	{"POST /payments/{id}/restore", "PAYMENT:WRITE", on(paymentCalls.restore)},
	{"POST /payments/{id}/refund", "PAYMENT:WRITE", on(paymentCalls.refund)},
	{"POST /payments/{id}/receiveInCash", "PAYMENT:WRITE", on(paymentCalls.receiveInCash)},
	{"POST /payments/{id}/undoReceivedInCash", "PAYMENT:WRITE", on(paymentCalls.undoCash)},
	{"POST /installments", "PAYMENT:WRITE", on(installmentCalls.create)},
	{"GET /installments", "PAYMENT:READ", on(installmentCalls.list)},
	{"GET /installments/{id}", "PAYMENT:READ", on(installmentCalls.get)},
	{"DELETE /installments/{id}", "PAYMENT:WRITE", on(installmentCalls.remove)},
	{"GET /installments/{id}/payments", "PAYMENT:READ", on(installmentCalls.payments)},
	{"POST /installments/{id}/refund", "PAYMENT:WRITE", on(installmentCalls.refund)},
	{"POST /subscriptions", "SUBSCRIPTION:WRITE", on(subscriptionCalls.create)},
	{"GET /subscriptions", "SUBSCRIPTION:READ", on(subscriptionCalls.list)},
	{"GET /subscriptions/{id}", "SUBSCRIPTION:READ", on(subscriptionCalls.get)},
	{"GET /subscriptions/{id}/payments", "SUBSCRIPTION:READ", on(subscriptionCalls.payments)},
	{"DELETE /subscriptions/{id}", "SUBSCRIPTION:WRITE", on(subscriptionCalls.remove)},
	{"GET /chargebacks", "PAYMENT:READ", on(chargebackCalls.list)},
	{"POST /chargebacks/{id}/dispute", "PAYMENT:WRITE", on(chargebackCalls.contest)},
	{"POST /sandbox/payment/{id}/confirm", "PAYMENT:WRITE", on(paymentCalls.confirm)},
	{"POST /sandbox/payment/{id}/overdue", "PAYMENT:WRITE", on(paymentCalls.overdue)},
	{"POST /checkouts", "CHECKOUT:WRITE", on(checkoutCalls.create)},
	{"POST /checkouts/{id}/cancel", "CHECKOUT:WRITE", on(checkoutCalls.cancel)},
	{"GET /anticipations", "ANTICIPATION:READ", on(anticipationCalls.list)},
	{"POST /anticipations", "ANTICIPATION:WRITE", on(anticipationCalls.create)},
	{"GET /anticipations/limits", "ANTICIPATION:READ", on(anticipationCalls.limits)},
	{"GET /anticipations/configurations", "ANTICIPATION:READ", on(anticipationCalls.settings)},
	{"PUT /anticipations/configurations", "ANTICIPATION:WRITE", on(anticipationCalls.set)},
	{"POST /anticipations/simulate", "ANTICIPATION:READ", on(anticipationCalls.simulate)},
	{"GET /anticipations/{id}", "ANTICIPATION:READ", on(anticipationCalls.get)},
	{"POST /anticipations/{id}/cancel", "ANTICIPATION:WRITE", on(anticipationCalls.cancel)},
	{"GET /payments/limits", "PAYMENT:READ", on(paymentDetailCalls.limits)},
	{"POST /payments/simulate", "PAYMENT:READ", on(paymentCalls.simulate)},
	{"GET /payments/{id}/pixQrCode", "PAYMENT:READ", on(paymentDetailCalls.pixQrCode)},
	{"GET /payments/{id}/identificationField", "PAYMENT:READ", on(paymentDetailCalls.identificationField)},
	{"GET /payments/{id}/viewingInfo", "PAYMENT:READ", on(paymentDetailCalls.viewingInfo)},
	{"GET /payments/{id}/billingInfo", "PAYMENT:READ", on(paymentDetailCalls.billingInfo)},
	{"GET /payments/{id}/escrow", "PAYMENT:READ", on(paymentDetailCalls.escrow)},
	{"DELETE /installments/{id}/payments", "PAYMENT:WRITE", on(installmentCalls.cancelPending)},
	{"POST /transfers", "TRANSFER:WRITE", on(transferCalls.create)},
	{"GET /transfers", "TRANSFER:READ", on(transferCalls.list)},
	{"GET /transfers/{id}", "TRANSFER:READ", on(transferCalls.get)},
	{"DELETE /transfers/{id}/cancel", "TRANSFER:WRITE", on(transferCalls.cancel)},
	{"POST /accounts", "SUBACCOUNT:WRITE", on(subaccountCalls.create)},
	{"GET /accounts", "SUBACCOUNT:READ", on(subaccountCalls.list)},
	{"GET /accounts/{id}", "SUBACCOUNT:READ", on(subaccountCalls.get)},
	{"GET /myAccount/documents", "", on(myAccountCalls.documents)},
	{"POST /sandbox/myAccount/approve", "", on(myAccountCalls.approve)},
	{"GET /finance/payment/statistics", "FINANCIAL_TRANSACTION:READ", on(financeCalls.payments)},
	{"GET /finance/split/statistics", "FINANCIAL_TRANSACTION:READ", on(financeCalls.splits)},
	{"GET /finance/balance", "FINANCIAL_TRANSACTION:READ", on(financeCalls.balance)},
	{"GET /financialTransactions", "FINANCIAL_TRANSACTION:READ", on(financeCalls.statement)},
}

// Endpoints returns what the API serves, each a method and a path below /v3 with its places
// in braces.
func Endpoints() (list []string) {
	for _, e := range endpoints {
		list = append(list, e.pattern)
	}
	return list
}
