import { Button } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';

import { useMay } from '../../lib/clinic';
import { actionLink, actionText, conditionText, conditionTone } from '../../lib/conditions';
import { amount, day, instant, plural } from '../../lib/format';
import { useCompareNow, type Condition, type Glance } from '../../lib/glance';
import { Icon } from '../../ui/icon';

/** What needs somebody, the gravest first; only when there is nothing does it say that all is well. */
export function Attention({ glance }: { glance: Glance }) {
  const todos = remindersOf(glance);
  return (
    <section className="card stack tight" data-testid="attention" data-well={glance.allWell}>
      <h2>Precisa de atenção</h2>
      {glance.allWell && todos.length === 0 && <p>Tudo em dia por aqui.</p>}
      {(glance.conditions.length > 0 || todos.length > 0) && (
        <ul className="plain stack tight">
          {glance.conditions.map((c) => (
            <ConditionRow key={c.kind + (c.subject ?? '')} condition={c} />
          ))}
          {todos.map((todo) => (
            <li key={todo.id} className="row">
              <Icon name="neutral" />
              <Link {...todo.link} data-testid={`todo-${todo.id}`}>
                {todo.text}
              </Link>
            </li>
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

interface Reminder {
  id: string;
  text: string;
  link: LinkProps;
}

/** What waits for somebody and says nothing against the numbers. */
function remindersOf({ overdue, denied }: Glance): Reminder[] {
  const todos: Reminder[] = [];
  if (overdue.count > 0)
    todos.push({
      id: 'overdue',
      text: plural(overdue.count, 'fatura vencida: cobrar', 'faturas vencidas: cobrar'),
      link: { to: '/app/faturas', search: { status: 'overdue' } },
    });
  if (denied.count > 0)
    todos.push({
      id: 'denied',
      text: plural(denied.count, 'antecipação negada: ver o motivo', 'antecipações negadas: ver o motivo'),
      link: { to: '/app/antecipacoes', search: { status: 'denied' } },
    });
  return todos;
}
