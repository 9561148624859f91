/// What `trainflow` tells its caller at the end.
enum ExitCode: Int32 {
    case done = 0
    case failed = 1
    case usage = 2
    case doneWithRejects = 3
    case held = 4
}
