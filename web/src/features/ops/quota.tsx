import { count } from '../../lib/format';

/** Calls that an account has at Asaas in 12 hours. */
const quotaCalls = 25_000;

/** How much of its account's quota a clinic has used in the 12 hours that run. */
export function Quota({ calls }: { calls: number | null }) {
  if (calls === null) return <>—</>;
  const share = Math.floor((calls * 100) / quotaCalls);
  return (
    <span title={`${count(calls)} de ${count(quotaCalls)} chamadas`}>
      {calls && !share ? 'menos de 1 %' : `${share} %`}
    </span>
  );
}
