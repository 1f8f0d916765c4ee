import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import type { Schema } from '../lib/api';
import { plural } from '../lib/format';
import { useKnownMoney } from '../lib/glance';
import { Kpi } from './basics';

interface Props {
  name: string;
  sums: UseQueryResult<Schema['SumsView']>;
  of?: 'value' | 'fee';
  counted?: [one: string, many: string]; // what is counted in the note
  note?: ReactNode;
  id: string;
}

/** The amount of a sum under its name; “—” while it is not known, and for a zero that is not known. */
export function SumKpi({ name, sums, of = 'value', counted, note, id }: Props) {
  const known = useKnownMoney();
  const total = sums.data?.total;
  const many = total && counted ? plural(total.count, ...counted) : undefined;
  return (
    <Kpi name={name} note={note ?? many}>
      <span data-testid={`kpi-${id}`}>{total ? known(total[of].amountCents) : '—'}</span>
    </Kpi>
  );
}
