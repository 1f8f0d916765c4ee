import { day, daysBetween, plural } from '../../lib/format';
import type { Tone } from '../../lib/tone';

/** How many days before its end a deadline is urgent. */
const urgent = 3;

/** What is left of the time to answer, by the server's day. Once the documents are sent nothing is left to do. */
export function deadlineOf(deadline: string | null, today: string, sent: boolean): [words: string, tone: Tone] {
  if (sent) return ['Documentos enviados: aguarde o banco', 'info'];
  if (!deadline) return ['O Asaas não informou o prazo: responda hoje', 'danger'];
  const left = daysBetween(today, deadline);
  if (left < 0) return [`Prazo encerrado em ${day(deadline)}`, 'neutral'];
  if (left === 0) return [`Último dia: responda hoje, ${day(deadline)}`, 'danger'];
  const words = left === 1 ? 'Falta 1 dia' : `Faltam ${plural(left, 'dia', 'dias')}`;
  return [`${words}, até ${day(deadline)}`, left <= urgent ? 'danger' : 'warning'];
}
