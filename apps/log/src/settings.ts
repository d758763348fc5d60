/** Where the logs are: by the settings of the services, and for a second log by the same with a prefix. */
import {
  EVENT_STORE_SETTINGS,
  eventStorePlace,
  readConfig,
  type EventStorePlace,
} from '@mcpstack/service-kit';

const TARGET = 'TARGET_';

/** @throws ConfigError, which repeats no address. */
export function logPlace(env: NodeJS.ProcessEnv): EventStorePlace {
  return eventStorePlace(readConfig(EVENT_STORE_SETTINGS, env));
}

/** The same of `TARGET_EVENT_STORE_URL`, `TARGET_EVENT_STORE_USER` and so on. */
export function targetPlace(env: NodeJS.ProcessEnv): EventStorePlace {
  const names = Object.keys(EVENT_STORE_SETTINGS);
  try {
    return logPlace(Object.fromEntries(names.map((name) => [name, env[TARGET + name]])));
  } catch (error) {
    if (error instanceof Error)
      error.message = error.message.replaceAll(/(?<!_)EVENT_STORE_/g, `${TARGET}EVENT_STORE_`);
    throw error;
  }
}
