import type { Tone } from '../../lib/tone';
import { endpointReasonWords, endpointTypeWords, wordFor } from '../../lib/endpoint-words';
import type { Delivery, Endpoint } from './queries';

/** What a row says of an endpoint, and how it is coloured: only one that took all there was is green. */
export function stateOf(e: Endpoint): [string, Tone] {
  if (e.state === 'paused') {
    if (e.reason === 'by_request') return ['Parado por alguém', 'neutral'];
    return [`Parado: ${wordFor(endpointReasonWords, e.reason ?? '')}`, 'danger'];
  }
  if (e.failures > 0) return [`Falhando (${e.failures} em seguida)`, 'warning'];
  if (e.waiting > 0) return [`Enviando (${e.waiting})`, 'neutral'];
  return e.succeededAt ? ['Recebendo', 'success'] : ['Ainda nada foi enviado', 'neutral'];
}

/** Why a delivery failed, in words; a reason that we have not met is shown as it is. */
const reasons: Record<string, string> = {
  refused: 'o sistema respondeu com erro',
  redirect: 'o sistema mandou seguir outro endereço, e não seguimos',
  timeout: 'não respondeu em 15 s',
  connection_failed: 'não foi possível conectar',
  certificate_refused: 'o certificado não é válido',
  lookup_failed: 'o nome do endereço não existe',
  refused_address: 'o endereço não é da internet',
  cursor_expired: 'o conteúdo passou de 30 dias',
};

/** How a delivery went, in one line. */
export function resultOf(d: Delivery): [string, Tone] {
  if (!d.reason) return [`Entregue (${d.code})`, 'success'];
  return [`${wordFor(reasons, d.reason)}${d.code ? ` (${d.code})` : ''}`, 'danger'];
}

/** What an entry is about. */
export const typeName = (type: string): string =>
  type === 'endpoint.test' ? 'Teste' : wordFor(endpointTypeWords, type);
