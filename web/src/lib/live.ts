import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';

import { useMay, useTenant, useVisit } from './clinic';
import { FeedFollower, feedState } from './feed';
import { accessToken, renew } from './session';

/** How often to poll, in milliseconds: every `every` while the feed does not flow, and never (false) while it does. */
export function usePolling(every: number): number | false {
  return useSyncExternalStore(feedState.subscribe, feedState.flows) ? false : every;
}

/** Follows the feed of the session's clinic while the page is open. The shell calls it, once. */
export function useLive(): void {
  const tenant = useTenant();
  const may = useMay('feed:read');
  const seen = useVisit();
  const queries = useQueryClient();
  useEffect(() => {
    if (!tenant || !may || seen) return; // whoever only looks reads again by the clock
    const follower = new FeedFollower(queries, {
      request: (path, headers, signal) => authorisedFetch(`/v1/tenants/${tenant}${path}`, headers, signal),
      page: document,
      sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
    });
    void follower.run();
    return () => follower.stop();
  }, [tenant, may, seen, queries]);
}

/** Sends a request with the session's token, and once more after a renewal when it was refused. */
async function authorisedFetch(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const send = async () =>
    fetch(path, { headers: { ...headers, Authorization: `Bearer ${await accessToken()}` }, signal });
  const answer = await send();
  return answer.status === 401 && (await renew()) ? send() : answer;
}
