import { Button } from '@mantine/core';

import { useMay } from '../../lib/clinic';
import { clock, dayOf, money } from '../../lib/format';
import { useCompareNow, type Glance } from '../../lib/glance';
import { balanceStateWords } from '../../lib/words';
import { Icon } from '../../ui/icon';
import { ErrorBanner } from '../../ui/states';

/** When the balance was compared: "hoje 02:57", or its day. */
function comparedAt(glance: Glance): string {
  const at = glance.balanceCheck.checkedAt!;
  return dayOf(at) === dayOf(`${glance.today}T12:00:00Z`) ? `hoje ${clock(at)}` : `em ${dayOf(at)} às ${clock(at)}`;
}

/** Whether the balance is Asaas's. It is green only when nothing at all speaks against the numbers. */
export function BalanceLine({ glance }: { glance: Glance }) {
  const { state, difference, checkedAt } = glance.balanceCheck;
  const compare = useCompareNow();
  const may = useMay('ledger:write');
  const tone =
    state === 'different' ? 'danger' : state !== 'equal' ? 'warning' : glance.allWell ? 'success' : 'neutral';
  return (
    <div className={`banner tone-${tone} balance-line`} data-testid="balance-line" data-state={state}>
      <div className="row apart">
        <span className="row oneline">
          <Icon name={tone} />
          <span>
            <strong>{balanceStateWords[state]}</strong>
            {difference && state !== 'never' && <>: {money(difference.amountCents)} de diferença</>}
            {checkedAt && <>, conferido {comparedAt(glance)}</>}
          </span>
        </span>
        {may && (
          <Button loading={compare.isPending} onClick={() => compare.mutate()} data-testid="compare-now">
            Conferir agora
          </Button>
        )}
      </div>
      {compare.error && <ErrorBanner error={compare.error} retry={() => compare.mutate()} />}
    </div>
  );
}
