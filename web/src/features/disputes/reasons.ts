// Why a card holder disputes a payment: Asaas's codes in words, and what helps against each.

type Proof = 'consent' | 'service' | 'cancelled' | 'charge';

/** What to send, by what the card holder says. */
const proofs: Record<Proof, string> = {
  consent:
    'Envie o que mostra que o titular autorizou: cadastro, conversa, assinatura no atendimento, e o prontuário do animal.',
  service: 'Envie o prontuário, o termo de aceite e fotos ou laudos que mostram o serviço prestado.',
  cancelled: 'Envie a política de cancelamento aceita pelo cliente e o comprovante do estorno, se houve um.',
  charge: 'Envie a nota fiscal, o orçamento aceito e o comprovante do valor cobrado.',
};

/** Asaas's reasons of a dispute, as the clinic reads them, and what answers each. */
const reasons: Record<string, [words: string, proof: Proof]> = {
  ABSENCE_OF_PRINT: ['Falta o comprovante da venda', 'charge'],
  ABSENT_CARD_FRAUD: ['O titular diz que não fez a compra (venda sem o cartão presente)', 'consent'],
  CARD_ACTIVATED_PHONE_TRANSACTION: ['O titular diz que não fez a compra por telefone', 'consent'],
  CARD_FRAUD: ['O titular diz que não fez a compra', 'consent'],
  CARD_RECOVERY_BULLETIN: ['O cartão estava bloqueado', 'charge'],
  COMMERCIAL_DISAGREEMENT: ['O titular discorda da venda', 'service'],
  COPY_NOT_RECEIVED: ['O banco pediu o comprovante e não o recebeu', 'charge'],
  CREDIT_OR_DEBIT_PRESENTATION_ERROR: ['Crédito cobrado como débito, ou o contrário', 'charge'],
  DIFFERENT_PAY_METHOD: ['O titular diz que pagou de outra forma', 'charge'],
  FRAUD: ['O titular diz que não fez a compra', 'consent'],
  INCORRECT_TRANSACTION_VALUE: ['O titular diz que o valor está errado', 'charge'],
  INVALID_CURRENCY: ['A moeda da cobrança está errada', 'charge'],
  INVALID_DATA: ['Os dados da cobrança não conferem', 'charge'],
  LATE_PRESENTATION: ['A cobrança foi apresentada tarde ao banco', 'charge'],
  LOCAL_REGULATORY_OR_LEGAL_DISPUTE: ['Disputa legal ou regulatória', 'charge'],
  MULTIPLE_ROCS: ['A mesma venda teria sido cobrada mais de uma vez', 'charge'],
  ORIGINAL_CREDIT_TRANSACTION_NOT_ACCEPTED: ['O crédito de origem não foi aceito', 'charge'],
  OTHER_ABSENT_CARD_FRAUD: ['O titular diz que não fez a compra (venda sem o cartão presente)', 'consent'],
  PROCESS_ERROR: ['Erro no processamento da cobrança', 'charge'],
  RECEIVED_COPY_ILLEGIBLE_OR_INCOMPLETE: ['O comprovante enviado está ilegível ou incompleto', 'charge'],
  RECURRENCE_CANCELED: ['O titular diz que cancelou a recorrência', 'cancelled'],
  REQUIRED_AUTHORIZATION_NOT_GRANTED: ['A autorização exigida não foi dada', 'consent'],
  RIGHT_OF_FULL_RECOURSE_FOR_FRAUD: ['O banco cobra de volta por fraude', 'consent'],
  SALE_CANCELED: ['O titular diz que cancelou a venda', 'cancelled'],
  SERVICE_DISAGREEMENT_OR_DEFECTIVE_PRODUCT: ['O titular reclama do serviço ou do produto', 'service'],
  SERVICE_NOT_RECEIVED: ['O titular diz que não recebeu o serviço', 'service'],
  SPLIT_SALE: ['A venda teria sido dividida em várias cobranças', 'charge'],
  TRANSFERS_OF_DIVERSE_RESPONSIBILITIES: ['A responsabilidade passou para a clínica', 'consent'],
  UNQUALIFIED_CAR_RENTAL_DEBIT: ['Débito não reconhecido', 'charge'],
  USA_CARDHOLDER_DISPUTE: ['Disputa de um titular de outro país', 'charge'],
  VISA_FRAUD_MONITORING_PROGRAM: ['A bandeira marcou a venda como fraude', 'consent'],
  WARNING_BULLETIN_FILE: ['O cartão estava numa lista de bloqueio', 'charge'],
};

/** The reason of a dispute in words; null for one that Asaas did not tell, the code for one that we have not met. */
export const reasonWords = (code: string | null | undefined): string | null =>
  code ? (reasons[code]?.[0] ?? code) : null;

/** What to send against a reason. */
export const whatToSend = (code: string | null | undefined): string => proofs[reasons[code ?? '']?.[1] ?? 'charge'];
