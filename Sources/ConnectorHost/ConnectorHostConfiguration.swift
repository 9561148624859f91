/// Where connectors lie, and how their runners are started and bounded.
package struct ConnectorHostConfiguration: Sendable {
    /// The folder whose `….so` files are the connectors.
    package var pluginsFolder: String
    /// The executable `trainflow-runner`.
    package var runnerPath: String
    /// Who runners run as when the host is root; has no meaning otherwise.
    package var runnerUser = User.nobody
    /// Bytes of address space a runner may have; a manifest may ask for less.
    package var memoryLimit = 1 << 30
    /// Runners at once for one tenant.
    package var concurrencyPerTenant = 2
    /// Runners at once altogether.
    package var concurrency = 4
    /// Layers of the sandbox without which no connector is loaded; of others that are missing the log says so.
    package var requiredSandboxLayers = Set(SandboxLayer.allCases)
    /// Masks the kernel's Landlock to an older version: for tests; nil takes what is there.
    package var landlockABI: Int?
    /// How long a runner has between being told to stop and being killed: so that a cancelled run is over within 2 s.
    package var cancelGrace = Duration.milliseconds(1_500)
    /// How long a runner may send nothing while the host waits for it; nil waits without end.
    package var idleDeadline: Duration? = .seconds(600)
    /// How long a runner may take until it says that it is ready.
    package var startDeadline = Duration.seconds(20)
    /// Whether connectors without a signature may run. Signatures are not checked by this version: without this
    /// permission every file is refused.
    package var areUnsignedPluginsAllowed = false

    package init(pluginsFolder: String, runnerPath: String) {
        self.pluginsFolder = pluginsFolder
        self.runnerPath = runnerPath
    }

    package enum SandboxLayer: String, Sendable, CaseIterable {
        case landlock, seccomp
    }

    package struct User: Sendable, Equatable {
        package var uid: UInt32
        package var gid: UInt32

        package init(uid: UInt32, gid: UInt32) {
            self.uid = uid
            self.gid = gid
        }

        package static let nobody = User(uid: 65_534, gid: 65_534)
    }
}
