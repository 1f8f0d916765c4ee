import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';

import { api } from '../lib/api';
import { useForgetClinic } from '../lib/forget-clinic';
import { clock } from '../lib/format';
import { visit, type Visit } from '../lib/visit';
import { Banner } from '../ui/basics';

/** Says, above every page, whose pages an operator sees, why, and until when. What was read goes with it. */
export default function VisitBanner({ visit: seen }: { visit: Visit }) {
  const navigate = useNavigate();
  useForgetClinic(seen.tenant);
  const leave = () => {
    visit.end();
    void api.DELETE('/v1/ops/visits/{id}', { params: { path: { id: seen.id } } }).catch(() => undefined); // else it ends by itself
    void navigate({ to: '/ops/clinicas/$id', params: { id: seen.tenant } });
  };
  return (
    <Banner tone="warning" title={`Você está vendo ${seen.name} como suporte`} testId="visit-banner">
      <span>
        Só para olhar, até {clock(new Date(seen.endsAt))}. A clínica verá este acesso e o motivo: “{seen.reason}”.
      </span>
      <div className="row noprint">
        <Button onClick={leave}>Terminar</Button>
      </div>
    </Banner>
  );
}
