import { renew } from '../../lib/session';
import { PageHeader } from '../../ui/basics';
import { FactorSetUp } from './factor-set-up';

/** The only page that is open to whoever must have a second factor and has none. */
export default function OwnFactor() {
  return (
    <div className="card roomy">
      <PageHeader
        title="Ligue o segundo fator"
        lead="O seu acesso pede um código além da senha. Leva um minuto, com um aplicativo autenticador no celular."
      />
      <FactorSetUp done={() => void renew()} />
    </div>
  );
}
