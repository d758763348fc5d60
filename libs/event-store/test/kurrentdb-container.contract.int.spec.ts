/** The contract of the event log on a real KurrentDB in a container, where a Docker engine answers. */
import { GenericContainer, Wait, getContainerRuntimeClient } from 'testcontainers';
import { eventStoreContract, type ContractServer } from './contract.ts';
import { serverAt } from './by-url.ts';
import { LEFT_OUT_BY_URL } from './left-out-by-url.ts';

/** The image that docker-compose.yml runs. */
const IMAGE = 'docker.kurrent.io/kurrent-latest/kurrentdb:25.1.4';
const PORT = 2113;

async function start(): Promise<ContractServer> {
  const container = await new GenericContainer(IMAGE)
    .withCommand(['--insecure', '--mem-db'])
    .withExposedPorts(PORT)
    .withWaitStrategy(Wait.forHttp('/health/live', PORT).forStatusCode(204))
    .start();
  const url = `kurrentdb://${container.getHost()}:${container.getMappedPort(PORT)}?tls=false`;
  return serverAt(url, async () => void (await container.stop()));
}

const engine = await getContainerRuntimeClient().then(
  () => true,
  () => false,
);
if (engine) {
  eventStoreContract('KurrentDB (container)', start, LEFT_OUT_BY_URL);
} else {
  it.skip('the contract on a real KurrentDB (left out: no Docker engine answers)', () => undefined);
}
