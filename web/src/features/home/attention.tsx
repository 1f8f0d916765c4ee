import { Button } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';

import { useMay } from '../../lib/clinic';
import { actionLink, actionText, conditionText, conditionTone } from '../../lib/conditions';
import { amount, day, instant, plural } from '../../lib/format';
import { useCompareNow, usePutOff, type Condition, type Glance, type Reminder } from '../../lib/glance';
import { reminderWords } from '../../lib/words';
import { Icon } from '../../ui/icon';

/** What needs somebody, the gravest first; only when there is nothing, put off or not, does it say that all is well. */
export function Attention({ glance }: { glance: Glance }) {
  const { conditions, reminders } = glance;
  const waiting = reminders.filter((r) => !r.putOffUntil);
  const putOff = reminders.filter((r) => r.putOffUntil);
  return (
    <section className="card stack tight" data-testid="attention" data-well={glance.allWell}>
      <h2>Precisa de atenção</h2>
      {glance.allWell && reminders.length === 0 && <p>Tudo em dia por aqui.</p>}
      {conditions.length + waiting.length > 0 && (
        <ul className="plain stack tight">
          {conditions.map((c) => (
            <ConditionRow key={c.kind + (c.subject ?? '')} condition={c} />
          ))}
          {waiting.map((r) => (
            <ReminderRow key={r.kind} reminder={r} />
          ))}
        </ul>
      )}
      {putOff.length > 0 && (
        <ul className="plain stack tight small" aria-label="Adiados">
          {putOff.map((r) => (
            <ReminderRow key={r.kind} reminder={r} />
          ))}
        </ul>
      )}
    </section>
  );
}

function ConditionRow({ condition: c }: { condition: Condition }) {
  const tone = conditionTone(c);
  return (
    <li className="row apart condition" data-testid={`condition-${c.kind}`} data-subject={c.subject ?? ''}>
      <span className="row oneline">
        <span className={`tone-${tone} bare`}>
          <Icon name={tone} />
        </span>
        <span>
          <strong>{conditionText(c)}</strong>
          {c.amount && c.amount.amountCents !== 0 && <>: {amount(c.amount)}</>}
          {c.deadline && <>, até {day(c.deadline)}</>}
          {c.since && <span className="small muted"> · desde {instant(c.since)}</span>}
        </span>
      </span>
      <Action condition={c} />
    </li>
  );
}

/** The one thing to do: a link to where it is done, or the comparison itself. */
function Action({ condition: c }: { condition: Condition }) {
  const link = actionLink(c);
  const compare = useCompareNow();
  const may = useMay('ledger:write');
  if (link)
    return (
      <Link {...link} data-testid={c.kind === 'connection' ? 'todo-connection' : `action-${c.kind}`}>
        {actionText(c)}
      </Link>
    );
  if (c.action === 'compare' && may)
    return (
      <Button variant="subtle" loading={compare.isPending} onClick={() => compare.mutate()}>
        {actionText(c)}
      </Button>
    );
  return <span className="small muted">{c.action === 'compare' ? 'Peça a um Administrador' : actionText(c)}</span>;
}

const reminderLinks: Record<Reminder['kind'], LinkProps> = {
  overdue: { to: '/app/faturas', search: { status: 'overdue' } },
  denied: { to: '/app/antecipacoes', search: { status: 'denied' } },
};

const oneReminder: Record<Reminder['kind'], string> = {
  overdue: 'fatura vencida: cobrar',
  denied: 'antecipação negada: ver o motivo',
};

/** What a reminder tells, and what to do about it. */
const reminderText = ({ kind, count }: Reminder): string => plural(count, oneReminder[kind], reminderWords[kind]);

const putOffFor = 7; // days

/** What waits and says nothing against the numbers: it ends by itself, or is put off and taken up again. */
function ReminderRow({ reminder: r }: { reminder: Reminder }) {
  const may = useMay('ledger:write');
  const change = usePutOff();
  const off = r.putOffUntil;
  return (
    <li className="row apart condition" data-testid={`reminder-${r.kind}`}>
      <span className="row oneline">
        <Icon name="neutral" />
        <span>
          <Link {...reminderLinks[r.kind]} data-testid={`todo-${r.kind}`}>
            {reminderText(r)}
          </Link>
          {off && <span className="muted"> · adiado até {day(off)}</span>}
        </span>
      </span>
      {may && (
        <Button
          variant="subtle"
          size="compact-sm"
          loading={change.isPending}
          onClick={() => change.mutate({ kind: r.kind, days: off ? 0 : putOffFor })}
        >
          {off ? 'Mostrar de novo' : `Adiar ${putOffFor} dias`}
          <span className="sr">: {reminderText(r)}</span>
        </Button>
      )}
    </li>
  );
}
