/// What changes in a mount's attributes: the two words of mount_setattr(2). The kernel clears first, then it sets.
package struct MountAttributeChange: Hashable, Sendable {
    /// `attr_set`.
    package var setting: MountAttributes
    /// `attr_clr`.
    package var clearing: MountAttributes

    /// Makes a change.
    package init(setting: MountAttributes = [], clearing: MountAttributes = []) {
        self.setting = setting
        self.clearing = clearing
    }

    /// Whether nothing changes.
    package var isEmpty: Bool { setting.isEmpty && clearing.isEmpty }
}
