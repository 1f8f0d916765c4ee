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
  const offered = useFactors().data?.passkeys && knowsPasskeys();
  return (
    <div className="card roomy stack">
      <PageHeader
        title="Ligue o segundo fator"
        lead="O seu acesso pede um segundo fator além da senha. Leva um minuto, com um aplicativo autenticador no celular ou uma chave de acesso."
      />
      {passkey ? (
        <PasskeySetUp done={() => void renew()} cancel={() => setPasskey(false)} />
      ) : (
        <>
          <FactorSetUp done={() => void renew()} />
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
