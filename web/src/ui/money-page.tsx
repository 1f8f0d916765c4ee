import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { conditionText } from '../lib/conditions';
import { clock, dayOf } from '../lib/format';
import { known, useGlance, type Glance } from '../lib/glance';
import { Banner } from './basics';
import { SignUpLink } from './sign-up-link';

/** An instant as a line says it: today by its hour alone, else with its day. */
export const hourOf = (at: string, today: string): string =>
  dayOf(at) === dayOf(`${today}T12:00:00Z`) ? clock(at) : `${dayOf(at)} às ${clock(at)}`;

/** What a clinic sees in the place of numbers that are not known: how to connect, or that the ledger is being opened. */
export function ConnectCard({ glance }: { glance: Glance }) {
  if (glance.connection !== 'disconnected' && glance.connection !== 'verifying')
    return (
      <Banner tone="warning" title="O extrato ainda não foi aberto" testId="unopened-card">
        <span>
          Estamos lendo o saldo e o extrato no Asaas. Até lá não mostramos saldo nem somas que ninguém conhece.{' '}
          <Link to="/app/configuracoes/webhooks/asaas/saude">Ver a saúde da conexão</Link>
        </span>
      </Banner>
    );
  return (
    <section className="card stack form" data-testid="connect-card">
      <h2>Conecte o Asaas para receber baixas automáticas</h2>
      <p>Leva cerca de 1 minuto. Você só precisa da chave de API.</p>
      <div className="row">
        <Link to="/app/configuracoes/webhooks/asaas" className="primary">
          Conectar agora
        </Link>
      </div>
      <SignUpLink />
    </section>
  );
}

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
 * below stands all the same, for it tells no zero; what is only made of the ledger is `hidden` until that is opened.
 */
export function MoneyPage({ children, hidden = false }: { children: ReactNode; hidden?: boolean }) {
  const glance = useGlance().data;
  const unknown = glance !== undefined && !known(glance);
  return (
    <>
      <AsOf glance={glance} />
      {unknown && (
        <div className="above">
          <ConnectCard glance={glance} />
        </div>
      )}
      {!(hidden && glance && glance.ledgerFrom === null) && children}
    </>
  );
}
