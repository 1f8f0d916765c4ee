import { Link } from '@tanstack/react-router';
import { lazy, Suspense, type ReactNode } from 'react';

import { conditionText } from '../lib/conditions';
import { clock, dayOf } from '../lib/format';
import { known, nothingCame, useGlance, type Glance } from '../lib/glance';

/** An instant as a line says it: today by its hour alone, else with its day. */
export const hourOf = (at: string, today: string): string =>
  dayOf(at) === dayOf(`${today}T12:00:00Z`) ? clock(at) : `${dayOf(at)} às ${clock(at)}`;

const Card = lazy(() => import('./connect-card'));

/** The card that is in the place of numbers that are not known; only a clinic that lacks them loads it. */
export const ConnectCard = ({ glance }: { glance: Glance }) => (
  <Suspense fallback={<span className="awaited" />}>
    <Card glance={glance} />
  </Suspense>
);

/** Up to when the numbers below are known, and the first thing that speaks against them. */
export function AsOf({ glance }: { glance: Glance | undefined }) {
  const first = glance?.conditions[0];
  return (
    <p className="small muted asof" data-testid="as-of">
      {glance && (glance.asOf ? <>Números até {hourOf(glance.asOf, glance.today)}</> : 'Ainda sem números')}
      {first && (
        <>
          {' · '}
          <Link to="/app" data-testid="as-of-condition">
            {conditionText(first)}
          </Link>
        </>
      )}
    </p>
  );
}

/**
 * A page about money: up to when its numbers are known, and, where they are not known, how to come to know them. What is
 * below stands all the same, for it tells no zero; what is only made of the ledger is `hidden` until that is opened, and
 * of a clinic of which nothing ever came no list says that it is empty.
 */
export function MoneyPage({ children, hidden = false }: { children: ReactNode; hidden?: boolean }) {
  const { data: glance, isLoading } = useGlance();
  const unknown = glance !== undefined && !known(glance);
  return (
    <>
      <AsOf glance={glance} />
      {isLoading && <span className="awaited" />}
      {unknown && (
        <div className="above">
          <ConnectCard glance={glance} />
        </div>
      )}
      {!nothingCame(glance) && !(hidden && glance && glance.ledgerFrom === null) && children}
    </>
  );
}
