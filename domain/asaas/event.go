package asaas

import (
	"crypto/md5"
	"encoding/hex"
	"strconv"

	"patapay/domain"
)

// Family is the word under which an event carries its object.
type Family string

// The families of events. Pix Automático instructions and eligibility come under words
// that the docs leave open; they count as FamilyAuthorization.
const (
	FamilyPayment          Family = "payment"
	FamilyCheckout         Family = "checkout"
	FamilyAnticipation     Family = "anticipation"
	FamilySubscription     Family = "subscription"
	FamilyInvoice          Family = "invoice" // a tax document, not our invoice
	FamilyTransfer         Family = "transfer"
	FamilyBill             Family = "bill"
	FamilyPhoneRecharge    Family = "mobilePhoneRecharge"
	FamilyAccountStatus    Family = "accountStatus"
	FamilyBalance          Family = "balance"
	FamilyInternalTransfer Family = "internalTransferData"
	FamilyAccessToken      Family = "accessToken"
	FamilyAuthorization    Family = "authorization"
	FamilyUnknown          Family = ""
)

// catalogue lists the 112 names that can be subscribed to, by family, as of October 2026
// (docs/gateway.md, event catalogue).
var catalogue = map[Family][]string{
	FamilyPayment: {
		"PAYMENT_ANTICIPATED",
		"PAYMENT_APPROVED_BY_RISK_ANALYSIS",
		"PAYMENT_AUTHORIZED",
		"PAYMENT_AWAITING_CHARGEBACK_REVERSAL",
		"PAYMENT_AWAITING_RISK_ANALYSIS",
		"PAYMENT_BANK_SLIP_CANCELLED",
		"PAYMENT_BANK_SLIP_VIEWED",
		"PAYMENT_CHARGEBACK_DISPUTE",
		"PAYMENT_CHARGEBACK_REQUESTED",
		"PAYMENT_CHECKOUT_VIEWED",
		"PAYMENT_CONFIRMED",
		"PAYMENT_CREATED",
		"PAYMENT_CREDIT_CARD_CAPTURE_REFUSED",
		"PAYMENT_DELETED",
		"PAYMENT_DUNNING_RECEIVED",
		"PAYMENT_DUNNING_REQUESTED",
		"PAYMENT_OVERDUE",
		"PAYMENT_PARTIALLY_REFUNDED",
		"PAYMENT_RECEIVED",
		"PAYMENT_RECEIVED_IN_CASH_UNDONE",
		"PAYMENT_REFUNDED",
		"PAYMENT_REFUND_DENIED",
		"PAYMENT_REFUND_IN_PROGRESS",
		"PAYMENT_REPROVED_BY_RISK_ANALYSIS",
		"PAYMENT_RESTORED",
		"PAYMENT_SPLIT_CANCELLED",
		"PAYMENT_SPLIT_DIVERGENCE_BLOCK",
		"PAYMENT_SPLIT_DIVERGENCE_BLOCK_FINISHED",
		"PAYMENT_SPLIT_DONE",
		"PAYMENT_UPDATED",
	},
	FamilyCheckout: {
		"CHECKOUT_CANCELED",
		"CHECKOUT_CREATED",
		"CHECKOUT_EXPIRED",
		"CHECKOUT_PAID",
	},
	FamilyAnticipation: {
		"RECEIVABLE_ANTICIPATION_CANCELLED",
		"RECEIVABLE_ANTICIPATION_CREDITED",
		"RECEIVABLE_ANTICIPATION_DEBITED",
		"RECEIVABLE_ANTICIPATION_DENIED",
		"RECEIVABLE_ANTICIPATION_OVERDUE",
		"RECEIVABLE_ANTICIPATION_PENDING",
		"RECEIVABLE_ANTICIPATION_SCHEDULED",
	},
	FamilySubscription: {
		"SUBSCRIPTION_CREATED",
		"SUBSCRIPTION_DELETED",
		"SUBSCRIPTION_INACTIVATED",
		"SUBSCRIPTION_SPLIT_DISABLED",
		"SUBSCRIPTION_SPLIT_DIVERGENCE_BLOCK",
		"SUBSCRIPTION_SPLIT_DIVERGENCE_BLOCK_FINISHED",
		"SUBSCRIPTION_UPDATED",
	},
	FamilyInvoice: {
		"INVOICE_AUTHORIZED",
		"INVOICE_CANCELED",
		"INVOICE_CANCELLATION_DENIED",
		"INVOICE_CREATED",
		"INVOICE_ERROR",
		"INVOICE_PROCESSING_CANCELLATION",
		"INVOICE_SYNCHRONIZED",
		"INVOICE_UPDATED",
	},
	FamilyTransfer: {
		"TRANSFER_BLOCKED",
		"TRANSFER_CANCELLED",
		"TRANSFER_CREATED",
		"TRANSFER_DONE",
		"TRANSFER_FAILED",
		"TRANSFER_IN_BANK_PROCESSING",
		"TRANSFER_PENDING",
	},
	FamilyBill: {
		"BILL_BANK_PROCESSING",
		"BILL_CANCELLED",
		"BILL_CREATED",
		"BILL_FAILED",
		"BILL_PAID",
		"BILL_PENDING",
		"BILL_REFUNDED",
	},
	FamilyPhoneRecharge: {
		"MOBILE_PHONE_RECHARGE_CANCELLED",
		"MOBILE_PHONE_RECHARGE_CONFIRMED",
		"MOBILE_PHONE_RECHARGE_PENDING",
		"MOBILE_PHONE_RECHARGE_REFUNDED",
	},
	FamilyAccountStatus: {
		"ACCOUNT_STATUS_BANK_ACCOUNT_INFO_APPROVED",
		"ACCOUNT_STATUS_BANK_ACCOUNT_INFO_AWAITING_APPROVAL",
		"ACCOUNT_STATUS_BANK_ACCOUNT_INFO_PENDING",
		"ACCOUNT_STATUS_BANK_ACCOUNT_INFO_REJECTED",
		"ACCOUNT_STATUS_COMMERCIAL_INFO_APPROVED",
		"ACCOUNT_STATUS_COMMERCIAL_INFO_AWAITING_APPROVAL",
		"ACCOUNT_STATUS_COMMERCIAL_INFO_EXPIRED",
		"ACCOUNT_STATUS_COMMERCIAL_INFO_EXPIRING_SOON",
		"ACCOUNT_STATUS_COMMERCIAL_INFO_PENDING",
		"ACCOUNT_STATUS_COMMERCIAL_INFO_REJECTED",
		"ACCOUNT_STATUS_DOCUMENT_APPROVED",
		"ACCOUNT_STATUS_DOCUMENT_AWAITING_APPROVAL",
		"ACCOUNT_STATUS_DOCUMENT_PENDING",
		"ACCOUNT_STATUS_DOCUMENT_REJECTED",
		"ACCOUNT_STATUS_GENERAL_APPROVAL_APPROVED",
		"ACCOUNT_STATUS_GENERAL_APPROVAL_AWAITING_APPROVAL",
		"ACCOUNT_STATUS_GENERAL_APPROVAL_PENDING",
		"ACCOUNT_STATUS_GENERAL_APPROVAL_REJECTED",
	},
	FamilyBalance: {
		"BALANCE_VALUE_BLOCKED",
		"BALANCE_VALUE_UNBLOCKED",
	},
	FamilyInternalTransfer: {
		"INTERNAL_TRANSFER_CREDIT",
		"INTERNAL_TRANSFER_DEBIT",
	},
	FamilyAccessToken: {
		"ACCESS_TOKEN_CREATED",
		"ACCESS_TOKEN_DELETED",
		"ACCESS_TOKEN_DISABLED",
		"ACCESS_TOKEN_ENABLED",
		"ACCESS_TOKEN_EXPIRED",
		"ACCESS_TOKEN_EXPIRING_SOON",
	},
	FamilyAuthorization: {
		"PIX_AUTOMATIC_RECURRING_AUTHORIZATION_ACTIVATED",
		"PIX_AUTOMATIC_RECURRING_AUTHORIZATION_CANCELLED",
		"PIX_AUTOMATIC_RECURRING_AUTHORIZATION_CREATED",
		"PIX_AUTOMATIC_RECURRING_AUTHORIZATION_EXPIRED",
		"PIX_AUTOMATIC_RECURRING_AUTHORIZATION_REFUSED",
		"PIX_AUTOMATIC_RECURRING_ELIGIBILITY_UPDATED",
		"PIX_AUTOMATIC_RECURRING_PAYMENT_INSTRUCTION_CANCELLED",
		"PIX_AUTOMATIC_RECURRING_PAYMENT_INSTRUCTION_CREATED",
		"PIX_AUTOMATIC_RECURRING_PAYMENT_INSTRUCTION_REFUSED",
		"PIX_AUTOMATIC_RECURRING_PAYMENT_INSTRUCTION_SCHEDULED",
	},
}

// rechargeConfirmed is how the docs' sample spells MOBILE_PHONE_RECHARGE_CONFIRMED.
const rechargeConfirmed = "PHONE_RECHARGE_CONFIRMED"

// name is a known event name and its family.
type name struct {
	text   string
	family Family
}

var names = func() map[string]name {
	all := map[string]name{rechargeConfirmed: {rechargeConfirmed, FamilyPhoneRecharge}}
	for family, list := range catalogue {
		for _, text := range list {
			all[text] = name{text, family}
		}
	}
	return all
}()

// Known tells whether event is a name that the gateway documents.
func Known(event string) bool { return names[event].text != "" }

// FamilyOf returns the family of a documented event, else FamilyUnknown.
func FamilyOf(event string) Family { return names[event].family }

// Events returns the 112 names that a webhook can subscribe to, in the catalogue's order
// of families when given some, else all, sorted within each.
func Events(families ...Family) []string {
	if len(families) == 0 {
		families = Families()
	}
	var all []string
	for _, f := range families {
		all = append(all, catalogue[f]...)
	}
	return all
}

// Families returns every documented family.
func Families() []Family {
	return []Family{
		FamilyPayment, FamilyCheckout, FamilyAnticipation, FamilySubscription,
		FamilyInvoice, FamilyTransfer, FamilyBill, FamilyPhoneRecharge, FamilyAccountStatus,
		FamilyBalance, FamilyInternalTransfer, FamilyAccessToken, FamilyAuthorization,
	}
}

// Kinds are the kinds that are folded; each is also the word under which events carry it.
func Kinds() []domain.Kind {
	return []domain.Kind{domain.KindPayment, domain.KindCheckout, domain.KindAnticipation}
}

// KindOf returns what the family is to the domain, KindOther when it is not folded.
func KindOf(family Family) domain.Kind {
	switch family {
	case FamilyPayment, FamilyCheckout, FamilyAnticipation:
		return domain.Kind(family)
	}
	return domain.KindOther
}

// EventID returns the id that the gateway gives the seq-th event of its environment: the
// MD5 of the event name and the counter (observed).
func EventID(event string, seq int64) string {
	sum := md5.Sum([]byte(event))
	return "evt_" + hex.EncodeToString(sum[:]) + "&" + strconv.FormatInt(seq, 10)
}
