import { Button } from '@mantine/core';
import { useState } from 'react';

import { knowsPasskeys } from '../../lib/passkey';
import { renew } from '../../lib/session';
import { PageHeader } from '../../ui/basics';
import { FactorSetUp } from './factor-set-up';
import { PasskeySetUp } from './passkey-set-up';
import { useFactors } from './queries';

/** The only page that is open to whoever must have a second factor and has none. */
export default function OwnFactor() {
  const [passkey, setPasskey] = useState(false);
  // Whoever it fails for presses the button again.
  const goOn = () => void renew().catch(() => undefined);
  const offered = useFactors().data?.passkeys && knowsPasskeys();
  return (
    <div className="card roomy stack">
      <PageHeader
        title="Ligue o segundo fator"
        lead="O seu acesso pede um segundo fator além da senha. Leva um minuto, com um aplicativo autenticador no celular ou uma chave de acesso."
      />
      {passkey ? (
        <PasskeySetUp done={goOn} cancel={() => setPasskey(false)} />
      ) : (
        <>
          <FactorSetUp done={goOn} />
          {offered && (
            <div className="row">
              <Button onClick={() => setPasskey(true)}>Usar uma chave de acesso</Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}
