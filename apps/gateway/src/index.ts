export { type GatewayOptions, type RunningGateway, startGateway } from "./run.ts"
