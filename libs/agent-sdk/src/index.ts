/** What a web page installs to embed an agent with a publishable key. */
export { createAgent, type Agent, type AgentClient, type AgentOptions } from './agent.ts';
export { AgentError, type AgentErrorCode } from './errors.ts';
