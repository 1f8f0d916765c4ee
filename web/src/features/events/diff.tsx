import type { Schema } from '../../lib/api';
import { bookingWords, changeWords } from './replay-labels';

/** Objects before and after, one line an attribute. */
export function DiffList({ objects, testId }: { objects: Schema['ReplayedObjectView'][]; testId?: string }) {
  return (
    <ul data-testid={testId}>
      {objects.map((o) => (
        <li key={o.kind + o.asaasId}>
          <code>{o.asaasId}</code>
          <ul>
            {o.fields.map((f) => (
              <li key={f.field}>{changeWords(o.kind, f)}</li>
            ))}
            {o.texts && <li>Descrições ou endereços mudam</li>}
            {o.bookings.map((b, i) => (
              <li key={`${b.fact}-${i}`}>{bookingWords(b.legs)}</li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
