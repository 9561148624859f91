internal import Glibc
internal import Synchronization

/// A named instant at which a process dies, or an operation fails, so that tests can show what is left behind.
///
/// Costs one comparison where none is set.
package final class Failpoint: Sendable {
    private let setting: Setting?
    private let left: Mutex<Int>

    package struct Setting: Sendable, Equatable {
        package var name: String
        /// From 1 on: the first time, the second time …
        package var occasion: Int
        package var action: Action

        package init(_ name: String, occasion: Int = 1, action: Action) {
            self.name = name
            self.occasion = occasion
            self.action = action
        }
    }

    package enum Action: Sendable, Equatable {
        /// SIGKILL to this process: nothing of it runs any more.
        case kill
        /// The operation throws, as if the instant had failed.
        case fail
    }

    /// What is thrown instead of going on.
    package struct Reached: Error, Sendable, Equatable, CustomStringConvertible {
        package var name: String

        package var description: String { "failpoint \(name)" }
    }

    package init(_ setting: Setting? = nil) {
        self.setting = setting
        left = Mutex(setting?.occasion ?? 0)
    }

    /// `TRAINFLOW_FAILPOINT=name[:N][:error]`: at the N-th time (1) the process is killed, or with `error` the operation
    /// fails.
    package static let environment: Failpoint = {
        guard let text = unsafe getenv("TRAINFLOW_FAILPOINT") else { return Failpoint() }
        return Failpoint(Setting(parsing: unsafe String(cString: text)))
    }()

    /// The instant has come.
    package func reach(_ name: StaticString) throws(Reached) {
        guard let setting, setting.name == name.description else { return }
        let isTheOne = left.withLock { left in
            left -= 1
            return left == 0
        }
        guard isTheOne else { return }
        switch setting.action {
        case .kill:
            kill(getpid(), SIGKILL)
            // The signal is on its way: nothing may happen any more.
            while true { pause() }
        case .fail:
            throw Reached(name: setting.name)
        }
    }
}

extension Failpoint.Setting {
    /// Reads `commit.begin`, `commit.begin:3`, `commit.begin:3:error`, `commit.begin:error`.
    package init(parsing text: String) {
        var parts = text.split(separator: ":").map(String.init)
        var action = Failpoint.Action.kill
        if parts.last == "error" {
            action = .fail
            parts.removeLast()
        }
        let occasion = parts.count > 1 ? Int(parts[1]) : nil
        self.init(parts.first ?? "", occasion: occasion ?? 1, action: action)
    }
}
