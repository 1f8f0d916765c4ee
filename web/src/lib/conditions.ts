import type { LinkProps } from '@tanstack/react-router';

import { flagWords } from './asaas-codes';
import type { Condition } from './glance';
import { plural } from './format';
import { deadlineKindWords, workItemKindWords } from './object-words';
import type { Tone } from './tone';
import { alarmWords, balanceStateWords, checkNameWords, conditionActionWords, conditionWords, wordFor } from './words';
import { connectionStateWords } from './words';

// What a condition of the glance says to people, and where its one action is done.

/** The words of kinds of alarms; one about a quarantined event names its reason behind. */
const alarmName = (kind: string): string => wordFor(alarmWords, kind.startsWith('quarantine_') ? 'quarantine_' : kind);

/** What stands, in one sentence without its end. */
export function conditionText(c: Condition): string {
  const subject = c.subject ?? '';
  switch (c.kind) {
    case 'connection':
      return `Conexão com o Asaas: ${wordFor(connectionStateWords, subject)}`;
    case 'check':
      return `Verificação da conexão: ${wordFor(checkNameWords, subject)}`;
    case 'alarm':
      return alarmName(subject);
    case 'not_compared':
      return wordFor(balanceStateWords, subject);
    case 'work_item':
      return `${wordFor(workItemKindWords, subject)}${c.count > 1 ? ` (${plural(c.count, 'pendência', 'pendências')})` : ''}`;
    case 'flag':
      return `${plural(c.count, 'objeto', 'objetos')} em dúvida: ${wordFor(flagWords, subject)}`;
    case 'deadline':
      return wordFor(deadlineKindWords, subject);
    case 'dispute':
      return plural(c.count, 'contestação', 'contestações');
    case 'not_at_asaas':
      return plural(c.count, 'pagamento que o Asaas não conhece', 'pagamentos que o Asaas não conhece');
    case 'unconfirmed':
      return plural(c.count, 'pagamento ainda não conferido no Asaas', 'pagamentos ainda não conferidos no Asaas');
    case 'unexplained':
      return plural(c.count, 'diferença sem explicação na conferência', 'diferenças sem explicação na conferência');
    case 'events_failed':
      return plural(c.count, 'evento com falha', 'eventos com falha');
    default:
      return wordFor(conditionWords, c.kind);
  }
}

const grave: Condition['kind'][] = ['balance_difference', 'dispute', 'not_at_asaas', 'unexplained', 'events_failed'];
const graveStates = ['paused', 'key_refused', 'disconnected'];

/** How a condition is shown: never as success. What passes by itself only informs. */
export function conditionTone(c: Condition): Tone {
  if (grave.includes(c.kind) || (c.kind === 'connection' && graveStates.includes(c.subject ?? ''))) return 'danger';
  return c.action === 'wait' ? 'info' : 'warning';
}

const health = '/app/configuracoes/webhooks/asaas/saude';
const set = '/app/configuracoes/webhooks/asaas';

/** Where the action is done; none for what is done here or ends by itself. */
export function actionLink(c: Pick<Condition, 'kind' | 'action'>): LinkProps | null {
  switch (c.action) {
    case 'connect':
    case 'replace_key':
    case 'edit_key':
    case 'allow_ips':
    case 'ensure_webhook':
    case 'rotate_token':
      return { to: set };
    case 'decide':
      return { to: '/app/pendencias' };
    case 'see_events':
      return { to: '/app/eventos', search: { visao: 'acao', periodo: 'tudo' } };
    case 'answer_dispute':
      return { to: '/app/disputas' };
    case 'see_payments':
      return { to: '/app/faturas', search: c.kind === 'not_at_asaas' ? { status: 'not_at_asaas' } : {} };
    case 'add_balance':
    case 'see_anticipation':
      return { to: '/app/antecipacoes' };
    case 'ask_support':
      return { to: '/app/ajuda' };
    case 'wait':
    case 'compare':
      return null;
    default:
      return { to: health };
  }
}

export const actionText = (c: Condition): string => wordFor(conditionActionWords, c.action);
