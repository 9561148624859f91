internal import CSystem
internal import JSON
package import Log
package import Platform

/// Finds connectors, and runs each of their operations in a process of its own.
package actor ConnectorHost {
    private let executor = ThreadExecutor(name: "connectors")
    let configuration: ConnectorHostConfiguration
    let services: (any ConnectorServices)?
    let log: Logger
    let slots: RunnerSlots
    var folder: PluginsFolder
    var nextCall: UInt64 = 0

    /// Files are read on a thread of its own, never on Swift's pool.
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// `services` answer what connectors ask for while they run; without them they are told that there are none.
    package init(
        _ configuration: ConnectorHostConfiguration,
        log: Logger,
        services: (any ConnectorServices)? = nil
    ) {
        self.configuration = configuration
        self.services = services
        self.log = log
        slots = RunnerSlots(limit: configuration.concurrency, limitPerTenant: configuration.concurrencyPerTenant)
        folder = PluginsFolder(
            path: configuration.pluginsFolder,
            areUnsignedAllowed: configuration.areUnsignedPluginsAllowed
        )
    }

    /// Keeps other processes of this user (runners, where the host is not root) from reading this one's memory and
    /// environment. prctl(2), PR_SET_DUMPABLE. Call it early; under root runners are another user anyway.
    package static func makeProcessUndumpable() throws(SystemError) {
        guard csystem_set_dumpable(0) == 0 else { throw SystemError(call: "prctl") }
    }

    /// Removes what the runners of a killed host left in the temporary folder, and nobody uses; answers how many folders.
    @discardableResult
    package func removeAbandonedScratchFolders(
        olderThan age: Duration = .seconds(60)
    ) throws(SystemError) -> Int {
        try ScratchFolder.removeAbandoned(olderThan: age)
    }

    /// What lies in the plug-in folder now; none of it is run.
    package func catalog() throws(ConnectorError) -> Catalog {
        try folder.catalog()
    }

    /// The connector in a file anywhere, as its manifest says: for looking at it before it is installed.
    package func inspect(file path: String) throws(ConnectorError) -> InstalledConnector {
        try PluginsFolder.inspect(path)
    }

    /// The connector with this id; an unknown one is an error that names the nearest.
    package func connector(_ id: String) throws(ConnectorError) -> InstalledConnector {
        let catalog = try folder.catalog()
        if let connector = catalog.connectors.first(where: { $0.id == id }) { return connector }
        let known = catalog.connectors.map(\.id)
        let meant = nearest(to: id, in: known).map { " Did you mean \($0)?" } ?? ""
        let list = known.isEmpty ? "None is installed" : "Installed are \(known.joined(separator: ", "))"
        let refused =
            switch catalog.refused.count {
            case 0: ""
            case 1: catalog.refused.map { " \($0.path) is refused: \($0.reason). \($0.hint)" }.joined()
            default: " \(catalog.refused.count) files there are refused: trainflow plugins list says why."
            }
        throw ConnectorError(
            .notFound,
            code: "unknown_provider",
            message: "There is no connector \(id) in \(configuration.pluginsFolder).\(meant) \(list).\(refused)",
            isAboutTheHost: true
        )
    }
}
