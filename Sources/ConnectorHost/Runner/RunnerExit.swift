internal import CSystem
internal import Glibc
internal import JSON

/// How a runner's process ended.
package enum RunnerExit: Sendable, Equatable {
    case exited(Int32)
    case signaled(Int32)

    var description: String {
        switch self {
        case .exited(let status): "it ended itself with exit status \(status)"
        case .signaled(let signal): "it ended by \(Self.name(of: signal))"
        }
    }

    static func name(of signal: Int32) -> String {
        guard let name = unsafe csystem_signal_name(signal) else { return "signal \(signal)" }
        return unsafe "SIG" + String(cString: name)
    }

    /// What it means that a runner ended like this without having answered. `doing` is `reading people.csv`.
    func error(connector: String, file: String, doing: String) -> ConnectorError {
        let rest = "What was committed stays."
        switch self {
        case .signaled(SIGKILL):
            return ConnectorError(
                .crash,
                code: "runner_killed",
                message: "The connector \(connector) (\(file)) was killed (SIGKILL) from outside while \(doing), "
                    + "probably because the machine ran out of memory. \(rest)",
                signal: "SIGKILL"
            )
        case .signaled(let signal):
            let name = Self.name(of: signal)
            return ConnectorError(
                .crash,
                code: "crashed",
                message: "The connector \(connector) (\(file)) crashed with \(name) while \(doing). \(rest) "
                    + "Report it to the connector's publisher.",
                signal: name
            )
        // What a runner says that finds its sockets gone, while the host still holds their other ends.
        case .exited(71): return .cutOff(connector: connector, file: file, doing: doing)
        case .exited(let status):
            return ConnectorError(
                .crash,
                code: "runner_exited",
                message: "The connector \(connector) (\(file)) ended its process with exit status \(status) while "
                    + "\(doing), without an answer. \(rest) Report it to the connector's publisher."
            )
        }
    }
}

extension ConnectorError {
    /// A connector has taken the sockets away that its runner speaks through.
    static func cutOff(connector: String, file: String, doing: String) -> ConnectorError {
        ConnectorError(
            .crash,
            code: "runner_exited",
            message:
                "The connector \(connector) (\(file)) cut its process off from the host while \(doing): it closed or "
                + "replaced descriptors that are not its own. What was committed stays. "
                + "Report it to the connector's publisher."
        )
    }
}
