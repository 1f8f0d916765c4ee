import type { ReactNode } from 'react';

import { useMay } from '../lib/clinic';
import { Banner } from './basics';

/** Says that the person's role does not allow this page. */
export function Denied() {
  return (
    <Banner tone="info" testId="denied">
      Seu perfil não permite esta ação. Peça a um Administrador.
    </Banner>
  );
}

/** Shows a page's content to those who hold the scope, and the reason to all others. */
export function Allowed({ scope, children }: { scope: string; children: ReactNode }) {
  return useMay(scope) ? children : <Denied />;
}
