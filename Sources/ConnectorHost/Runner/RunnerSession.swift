internal import Crypto
internal import Glibc
internal import JSON
internal import Log
internal import Platform

/// One call in one runner, from before its start until the process is gone.
///
/// A thread of its own starts the runner, watches it, and ends when all is cleaned up.
final class RunnerSession: Sendable {
    /// What the watching thread needs to know.
    struct Plan: Sendable {
        var launch: RunnerProcess.Launch
        var terms: Conversation.Terms
        var secrets: [String]
        var owner: ServiceOwner
        var services: (any ConnectorServices)?
        var log: Logger
        /// Held until the runner is gone.
        var slot: RunnerSlot
        /// Whether somebody waits for the batches.
        var reader: ReaderActivity
    }

    private let started = Promise<Result<SharedDescriptor, ConnectorError>>()
    private let ended = Promise<Result<JSONValue, ConnectorError>>()
    private let mailbox: Mailbox

    /// Starts the thread, and on it the runner.
    init(_ plan: Plan) throws(ConnectorError) {
        do throws(SystemError) {
            let mailbox = try Mailbox()
            self.mailbox = mailbox
            let (started, ended) = (started, ended)
            _ = try Thread(name: "runner") {
                let outcome = Self.watch(plan, mailbox: mailbox, started: started)
                if case .failure(let error) = outcome { started.keep(.failure(error)) }
                ended.keep(outcome)
            }
        } catch {
            throw ConnectorError(
                .unavailable,
                code: "no_thread",
                message: "No runner can be started now: \(error).",
                isAboutTheHost: true
            )
        }
    }

    /// Waits until the call is under way: the socket its batches come from.
    var dataSocket: Result<SharedDescriptor, ConnectorError> {
        get async { await started.value }
    }

    /// Waits until the runner is gone: what it answered.
    var outcome: Result<JSONValue, ConnectorError> {
        get async { await ended.value }
    }

    /// Asks the connector to stop, and kills it if it does not soon.
    func cancel() { mailbox.post(.cancel) }

    /// Kills the runner: nobody wants to know how it ends.
    func abandon() { mailbox.post(.abandon) }

    /// Kills the runner: what it sent can't be believed.
    func breakOff(_ error: ConnectorError) { mailbox.post(.broke(error)) }

    /// There will be no further batch: if it doesn't end by itself soon, the runner is killed.
    func dataEnded() { mailbox.post(.dataEnded) }

    private static func watch(
        _ plan: Plan,
        mailbox: Mailbox,
        started: Promise<Result<SharedDescriptor, ConnectorError>>
    ) -> Result<JSONValue, ConnectorError> {
        do throws(SystemError) {
            let scratch = try ScratchFolder(for: plan.launch.user)
            let process = try RunnerProcess(plan.launch, scratch: scratch)
            var watcher = RunnerWatcher(process, plan: plan, mailbox: mailbox, started: started)
            watcher.watch()
            return try watcher.finish()
        } catch {
            let hint =
                error.call == "posix_spawn"
                ? "Is \(plan.launch.path) there and executable? Build it with make, or check --runner." : "Try again."
            return .failure(
                ConnectorError(
                    .internal,
                    code: "runner_not_started",
                    message: "No runner can be started: \(error). \(hint)",
                    isAboutTheHost: true
                )
            )
        }
    }
}
