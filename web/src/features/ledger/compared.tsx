import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { day, isoDay, money } from '../../lib/format';
import type { Glance } from '../../lib/glance';
import { bookingKindWords } from '../../lib/object-words';
import type { LedgerSearch } from '../../lib/search';
import { Icon } from '../../ui/icon';
import { hourOf } from '../../ui/money-page';
import { Empty, ErrorBanner } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { statementWords } from './lines';
import { useDifferences, type Differences } from './queries';
import { awaitsComparison, comparedState } from './compared-state';

type Day = NonNullable<Differences['days']>[number];
type Found = NonNullable<Day['found']>[number];

const columns = (awaits: (d: Day) => boolean): Column<Day>[] => [
  {
    name: 'Dia',
    phone: 'title',
    cell: (d) => (
      <Link to="/app/extrato" search={{ de: d.day, ate: d.day }}>
        <time dateTime={d.day}>{day(d.day)}</time>
      </Link>
    ),
  },
  { name: 'No Asaas', numeric: true, phone: 'note', cell: (d) => money(d.statement.amountCents) },
  { name: 'Aqui', numeric: true, phone: 'amount', cell: (d) => money(d.ledger.amountCents) },
  { name: 'Diferença', phone: 'state', cell: (d) => <Difference of={d} awaits={awaits(d)} /> },
];

/** What a line of Asaas is about: its own word for the type, else what we booked it for. */
const wordsOf = (f: Found): string => (f.type && statementWords[f.type.toLowerCase()]) ?? bookingKindWords[f.kind];

/** Nothing, or each thing that the two say otherwise, with where it is decided. */
function Difference({ of: d, awaits }: { of: Day; awaits: boolean }) {
  if (awaits) return <span className="tone-neutral bare">Ainda não conferido</span>;
  if (d.difference.amountCents === 0) return <span className="tone-success bare">Igual</span>;
  return (
    <div className="stack tight" data-testid="day-difference">
      <strong>{money(d.difference.amountCents)}</strong>
      {(d.found ?? []).map((f) => (
        <div key={f.subject} className="small">
          {wordsOf(f)} <code>{f.subject}</code>: {money(f.statement.amountCents)} no Asaas,{' '}
          {money(f.ledger.amountCents)} aqui
        </div>
      ))}
      <Link to="/app/pendencias" className="small">
        Ver as pendências
      </Link>
    </div>
  );
}

/** Whether the days that are shown equal Asaas's statement, and each of them with what differs. */
export function ComparedDays({ glance, search }: { glance: Glance; search: LedgerSearch }) {
  const [opened, setOpened] = useState(false);
  const differences = useDifferences(search);
  if (differences.error) return <ErrorBanner error={differences.error} retry={() => void differences.refetch()} />;
  const d = differences.data;
  if (!d) return <p className="compared small muted">Comparando com o Asaas…</p>;
  const to = search.ate && search.ate < glance.today ? search.ate : glance.today;
  const { state } = glance.balanceCheck;
  // Today's lines are read tonight: what is asked of a period that has not ended is its days up to the last comparison.
  const checkedOn = d.checkedAt && isoDay(d.checkedAt);
  const compared = { ...d, checkedOn, through: to === glance.today && d.checkedAt ? to : d.through };
  const [words, found] = comparedState(compared, state, { from: search.de, to });
  // The numbers are equal; with something else in question they are no comfort.
  const tone = found === 'success' && !glance.allWell ? 'info' : found;
  const days = d.days ?? [];
  return (
    <div className="compared" data-testid="compared" data-tone={tone}>
      <div className="row">
        <span className={`row oneline tone-${tone} bare`}>
          <Icon name={tone} />
          <strong>{words}</strong>
        </span>
        {d.checkedAt && <span className="small muted whole">conferido {hourOf(d.checkedAt, glance.today)}</span>}
        <Button
          variant="subtle"
          h={28}
          px={8}
          className="noprint"
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {opened ? 'Fechar os dias' : 'Ver por dia'}
        </Button>
      </div>
      {opened &&
        (days.length ? (
          <DataTable
            caption="Cada dia no extrato do Asaas e aqui"
            columns={columns((row) => awaitsComparison(row, checkedOn, state))}
            rows={days}
            id={(row) => row.day}
            testId="compared-day"
          />
        ) : (
          <Empty>Nada se moveu nestes dias.</Empty>
        ))}
    </div>
  );
}
