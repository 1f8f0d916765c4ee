import { Link } from '@tanstack/react-router';

import type { Glance } from '../lib/glance';
import { Banner } from './basics';
import { SignUpLink } from './sign-up-link';

/** What a clinic sees in the place of numbers that are not known: how to connect, or that the ledger is being opened. */
export default function ConnectCard({ glance }: { glance: Glance }) {
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
      <ol>
        <li>Você cola a chave, e mostramos de quem é a conta.</li>
        <li>Configuramos os avisos do Asaas (webhook) e os testamos, sem cobrar ninguém.</li>
        <li>Importamos as faturas dos últimos 90 dias, e seu saldo aparece aqui, conferido com o Asaas.</li>
      </ol>
      <div className="row">
        <Link to="/app/configuracoes/webhooks/asaas" className="primary">
          Conectar agora
        </Link>
      </div>
      <SignUpLink />
    </section>
  );
}
