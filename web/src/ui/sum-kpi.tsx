import type { ReactNode } from 'react';

import { plural } from '../lib/format';
import { useKnownMoney } from '../lib/glance';
import { Kpi } from './basics';

interface Amount {
  amountCents: number;
}

interface Props {
  name: string;
  sum: { count: number; value: Amount; fee: Amount } | undefined;
  of?: 'value' | 'fee';
  counted?: [one: string, many: string]; // what is counted in the note
  note?: ReactNode;
  id: string;
}

/** The amount of a sum under its name; “—” while it is not known, and for a zero that is not known. */
export function SumKpi({ name, sum, of = 'value', counted, note, id }: Props) {
  const known = useKnownMoney();
  const many = sum && counted ? plural(sum.count, ...counted) : undefined;
  return (
    <Kpi name={name} note={note ?? many}>
      <span data-testid={`kpi-${id}`}>{sum ? known(sum[of].amountCents) : '—'}</span>
    </Kpi>
  );
}
