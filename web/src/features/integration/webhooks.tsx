import { Link } from '@tanstack/react-router';

import { useClinic, useConnection } from '../../lib/clinic';
import { stateOf } from '../../lib/connection-labels';
import { Badge, PageHeader } from '../../ui/basics';
import { Fetched } from '../../ui/states';

/** What a clinic can be connected with: Asaas. */
export default function Webhooks() {
  const clinic = useClinic().data;
  return (
    <>
      <PageHeader
        above="Configurações › Webhooks"
        title="Webhooks"
        clinic={clinic?.name}
        lead="De onde vêm os avisos de pagamento da sua clínica."
      />
      <Fetched query={useConnection()}>
        {(conn) => {
          const [words, tone] = stateOf(conn.state);
          return (
            <section className="card stack form">
              <div className="row apart">
                <h2>Asaas</h2>
                <Badge tone={tone}>{words}</Badge>
              </div>
              <p>Avisos do Asaas (webhook): faturas, checkouts e antecipações.</p>
              <div className="row">
                <Link to="/app/configuracoes/webhooks/asaas">
                  {conn.state === 'disconnected' ? 'Conectar' : 'Gerenciar'}
                </Link>
                {conn.state !== 'disconnected' && (
                  <Link to="/app/configuracoes/webhooks/asaas/saude">Saúde da conexão</Link>
                )}
              </div>
            </section>
          );
        }}
      </Fetched>
    </>
  );
}
