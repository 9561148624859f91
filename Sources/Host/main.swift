internal import CSystem
internal import Glibc

// A reader that went away (a closed pipe, a runner that died) is an error of the write, never a signal.
signal(SIGPIPE, SIG_IGN)
csystem_keep_memory_small()
let code = await Program.run(Array(CommandLine.arguments.dropFirst()), environment: ProcessEnvironment.read())
exit(code.rawValue)
