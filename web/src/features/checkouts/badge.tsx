import { useEffect, useState } from 'react';

import type { Schema } from '../../lib/api';
import { checkoutState } from '../../lib/object-labels';
import { Badge } from '../../ui/basics';

type Checkout = Schema['CheckoutView'];

/** The time, each second; readers hear it with the minute, since the text's own region is not live. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function CheckoutBadge({ checkout, now }: { checkout: Checkout; now: number }) {
  const [words, tone] = checkoutState(checkout, now);
  return (
    <Badge tone={tone} testId="checkout-state">
      {words}
    </Badge>
  );
}

/** The first item's name and how many more there are. */
export function itemsOf(v: Checkout): string {
  const first = v.items[0]?.name ?? v.items[0]?.description;
  if (!first) return '—';
  return v.items.length > 1 ? `${first} e mais ${v.items.length - 1}` : first;
}
