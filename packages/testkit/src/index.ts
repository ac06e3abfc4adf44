export { type AwsLender, awsSecrets, startAwsLender } from "./aws-lender.ts"
export { type Cable, type CableWay, openCable } from "./cable.ts"
export { freePort } from "./free-port.ts"
export { type GithubHouse, startGithubHouse } from "./github/github-house.ts"
export { type SaidIssue, saidChecks, saidComment, saidIssue, saidReview } from "./github/said.ts"
export { type GithubDouble, plainToken, startGithub } from "./github/start-github.ts"
export { hasProgram } from "./has-program.ts"
export { type Host, type Hosts, startHosts } from "./hosts/hosts.ts"
export { whyNoHosts } from "./hosts/namespace.ts"
export { type Answer, type House, type HouseOptions, startHouse } from "./house.ts"
export { type HttpsRemote, hasOpenssl, startHttpsRemote } from "./https-remote.ts"
export { mendUnlessWrong, raceForFast } from "./lane/candidates.ts"
export { follow, gapsIn, only, typesOf } from "./lane/events.ts"
export { createFrames, eventsIn, type Message } from "./lane/frames.ts"
export { libraryFiles, makeLibrary, sumPatch } from "./lane/library.ts"
export { type PlayedHouse, startPlayedHouse } from "./lane/played-house.ts"
export { addPatch, callsOf, patching, playing, type Scene } from "./lane/scenes.ts"
export { openStream, type Stream } from "./lane/stream.ts"
export { getTask, logOf, register, submit, untilTask } from "./lane/tasks.ts"
export { readConversation, type Seen, type SeenCall } from "./model/conversation.ts"
export type { ModelOptions } from "./model/model.ts"
export type { RecordedRequest } from "./model/record.ts"
export {
  call,
  type Item,
  inOrder,
  type ModelTransportName,
  type Reply,
  type ReplyFault,
  type ReplyItem,
  type ReplyUsage,
  type Script,
  type ScriptRequest,
  say,
} from "./model/script.ts"
export { type ModelServer, startModel } from "./model/start-model.ts"
export { keepersOf, type Named, processesWith } from "./named.ts"
export { type Part, startPart } from "./part.ts"
export { type Received, type Receiver, startReceiver } from "./receiver.ts"
export { type PrivateRedis, type RedisOptions, startRedis } from "./redis.ts"
export { leastRights, startCluster, startSentinel, startTls } from "./redis-shapes.ts"
export { makeRepo, type RepoFiles, runGit, type TempRepo, writeFiles } from "./repo.ts"
export { type S3Double, startS3 } from "./s3.ts"
export { sampleFiles } from "./sample/files.ts"
export { makeSampleRepo } from "./sample/make-sample-repo.ts"
export { sampleScript } from "./sample/script.ts"
export { hasSshd, type SshRemote, startSshRemote } from "./ssh-remote.ts"
export { makeTempFolder, type TempFolder } from "./temp.ts"
