//! A comparison of two images or lists: what to fetch of each, and what was found.
//!
//! [`Model::open`] and [`update`] give effects to run; each answer carries the generation of its
//! comparison, and one of an older is dropped. Of each side comes no more than what is compared:
//!
//! - its manifest; where both have one digest, nothing else, and nothing at all where both were
//!   named by that digest;
//! - of two lists the images for one platform, once somebody chose it, where they are not the same; of a list and an image the
//!   entry for the platform that the image's config names;
//! - the configs of two images, once where both have the same.
//!
//! What differs is found by [`crate::diff`]; [`Model::found`] says how far it is.

mod files;
mod related;
#[cfg(test)]
mod related_tests;
#[cfg(test)]
mod tests;

pub use files::{FilesPlan, PlannedBlob};
pub use related::{RelatedDiff, RelatedFound};

use crate::descriptor::Descriptor;
use crate::diff::{Image, ImageDiff, ListDiff, entry_for, images, lists};
use crate::digest::Digest;
use crate::limits;
use crate::manifest::{List, Manifest};
use crate::media_type::MediaType;
use crate::platform::Platform;
use crate::verify::DigestSource;

use super::fetch::{Failure, Fetch, Generation, Received};
use super::inspect::{Config, ContentKey, InspectTarget, Node, Said, read_config, read_node};

/// One of the two that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// The one before, by custom.
    Left,
    /// The one after.
    Right,
}

impl Position {
    /// Both, the left one first.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// The one that it is compared with.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// What it is called in a sentence: `left` or `right`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// One of the two, and what came of it.
#[derive(Clone, Debug)]
pub struct Side {
    /// What it is.
    pub target: InspectTarget,
    /// What came of the manifest that was named.
    root: Option<Fetch<Node>>,
    /// What came of the entry of a list that is compared.
    child: Option<(Descriptor, Fetch<Node>)>,
    /// What came of the config of the image that is compared.
    config: Option<(Descriptor, Fetch<Config>)>,
}

/// A comparison.
#[derive(Clone, Debug)]
pub struct Model {
    sides: [Side; 2],
    platform: Option<Platform>,
    generation: Generation,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// An answer came.
    Received {
        /// The generation of the comparison that asked.
        generation: Generation,
        /// For which side.
        position: Position,
        /// What was asked for.
        key: ContentKey,
        /// The answer.
        result: Result<Received, Failure>,
    },
    /// Compare the images for this platform; of two lists `None` compares the lists.
    Choose(Option<Platform>),
    /// Fetch again what failed.
    Retry,
    /// Stop what is under way.
    Cancel,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Fetch, and send the answer back as [`Msg::Received`].
    Fetch {
        /// The generation to send back.
        generation: Generation,
        /// For which side.
        position: Position,
        /// What.
        key: ContentKey,
        /// The media type that its descriptor states.
        media_type: Option<MediaType>,
    },
    /// Stop every fetch under way.
    Abort,
}

/// How far a comparison is.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<'a> {
    /// Something is still on its way.
    Waiting,
    /// Something did not come, or is nothing that can be compared: which side's.
    Stopped(Position, Trouble<'a>),
    /// Both are the same bytes.
    Equal(&'a Digest),
    /// Two lists.
    Lists(Box<ListDiff>),
    /// Two images.
    Images(Box<ImageDiff>),
}

/// Why two are not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble<'a> {
    /// It did not come.
    Failed(&'a Failure),
    /// What came is no manifest.
    NoManifest,
    /// The list has no image for that platform.
    NoEntry(Platform),
    /// The other one is an image whose config names no platform, so no entry of this list can be
    /// taken.
    NoPlatform,
}

impl Side {
    fn new(target: InspectTarget) -> Self {
        Self {
            target,
            root: None,
            child: None,
            config: None,
        }
    }

    /// The manifest that was named.
    #[must_use]
    pub fn root(&self) -> Option<&Node> {
        self.root.as_ref()?.done()
    }

    /// The manifest that is compared: the entry of a list, where one was taken; else the one that
    /// was named.
    #[must_use]
    pub fn node(&self) -> Option<&Node> {
        match &self.child {
            Some((_, child)) => child.done(),
            None => self.root(),
        }
    }

    /// The config of the image that is compared.
    #[must_use]
    pub fn config(&self) -> Option<&Config> {
        self.config.as_ref()?.1.done()
    }

    /// The first that did not come, without which nothing can be compared.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        let child = self.child.as_ref().map(|(_, child)| child);
        self.root.iter().chain(child).find_map(|it| match it {
            Fetch::Failed(failure) => Some(failure),
            Fetch::Pending | Fetch::Done(_) => None,
        })
    }

    fn is_pending(&self) -> bool {
        let child = self.child.as_ref().map(|(_, child)| child);
        let nodes = self.root.iter().chain(child);
        let config = self.config.as_ref().map(|(_, config)| config);
        nodes.into_iter().any(|it| matches!(it, Fetch::Pending))
            || matches!(config, Some(Fetch::Pending))
    }

    /// What the manifest that was named says.
    fn manifest(&self) -> Option<&Manifest> {
        self.root()?.manifest.as_ref().ok()
    }

    /// Why its config is not here, where it did not come.
    #[must_use]
    pub fn config_failure(&self) -> Option<&Failure> {
        match &self.config {
            Some((_, Fetch::Failed(failure))) => Some(failure),
            _ => None,
        }
    }

    /// The manifest that was named, where it is a list.
    fn list(&self) -> Option<&List> {
        self.root()?.list()
    }

    /// The image that is compared, with its config where that is the one it names.
    fn image(&self) -> Option<Image<'_>> {
        let manifest = self.node()?.manifest.as_ref().ok()?;
        let config = self.config().filter(|config| !config.is_another);
        Image::new(
            manifest,
            config.and_then(|config| config.config.as_ref().ok()),
        )
    }

    /// Whether everything that was fetched of it is what was named.
    #[must_use]
    pub fn is_as_named(&self) -> bool {
        let nodes = [self.root(), self.node()].into_iter().flatten();
        let mut comparisons = nodes.flat_map(|node| &node.comparisons);
        !comparisons.any(|it| it.verdict.is_mismatch())
            && !self.config().is_some_and(|config| config.is_another)
    }
}

impl Model {
    /// A new comparison, and the effects that start it.
    ///
    /// `platform` is the one whose images are compared, where two lists are; `generation` has to
    /// be higher than those of all before.
    #[must_use]
    pub fn open(
        targets: [InspectTarget; 2],
        platform: Option<Platform>,
        generation: Generation,
    ) -> (Self, Vec<Effect>) {
        let mut model = Self {
            sides: targets.map(Side::new),
            platform,
            generation,
        };
        let effects = model.next_fetches();
        (model, effects)
    }

    /// The generation that answers have to carry.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// The platform whose images are compared, where somebody chose one.
    #[must_use]
    pub fn platform(&self) -> Option<&Platform> {
        self.platform.as_ref()
    }

    /// One of the two.
    #[must_use]
    pub fn side(&self, position: Position) -> &Side {
        let [left, right] = &self.sides;
        match position {
            Position::Left => left,
            Position::Right => right,
        }
    }

    fn side_mut(&mut self, position: Position) -> &mut Side {
        let [left, right] = &mut self.sides;
        match position {
            Position::Left => left,
            Position::Right => right,
        }
    }

    /// Whether two lists are compared, or images of them.
    #[must_use]
    pub fn are_lists(&self) -> bool {
        self.sides.iter().all(|side| side.list().is_some())
    }

    /// The config of the image that is compared; where both have the same it comes once.
    fn image(&self, position: Position) -> Option<Image<'_>> {
        let mut image = self.side(position).image()?;
        let other = self.side(position.other());
        if image.config.is_none()
            && let Some((descriptor, Fetch::Done(config))) = &other.config
            && image
                .image
                .config
                .as_ref()
                .is_some_and(|it| it.digest == descriptor.digest)
            && !config.is_another
        {
            image.config = config.config.as_ref().ok();
        }
        Some(image)
    }

    /// Whether something is still on its way. Nothing is compared to know it.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(self.before_comparing(), Some(Found::Waiting))
    }

    /// How far it is, and what was found: compared anew each time it is asked.
    #[must_use]
    pub fn found(&self) -> Found<'_> {
        if let Some(found) = self.before_comparing() {
            return found;
        }
        let [left, right] = Position::BOTH.map(|position| self.image(position));
        if let (Some(left), Some(right)) = (left, right) {
            return Found::Images(Box::new(images(&left, &right)));
        }
        let [left, right] = self.sides.each_ref().map(Side::manifest);
        match left.zip(right).and_then(|(left, right)| lists(left, right)) {
            Some(found) => Found::Lists(Box::new(found)),
            None => Found::Waiting,
        }
    }

    /// What there is to say where nothing is compared, or not yet; `None` where all of it is here.
    fn before_comparing(&self) -> Option<Found<'_>> {
        if let Some(digest) = self.named_alike() {
            return Some(Found::Equal(digest));
        }
        for position in Position::BOTH {
            if let Some(failure) = self.side(position).failure() {
                return Some(Found::Stopped(position, Trouble::Failed(failure)));
            }
        }
        if let Some(digest) = self.same_bytes() {
            return Some(Found::Equal(digest));
        }
        for position in Position::BOTH {
            if let Some(node) = self.side(position).node()
                && (node.is_other() || (node.image().is_none() && node.list().is_none()))
            {
                return Some(Found::Stopped(position, Trouble::NoManifest));
            }
        }
        if self.sides.iter().any(Side::is_pending) {
            return Some(Found::Waiting);
        }
        if let Some((position, trouble)) = self.without_entry() {
            return Some(Found::Stopped(position, trouble));
        }
        None
    }

    /// The digest that both were named by.
    fn named_alike(&self) -> Option<&Digest> {
        let [left, right] = self.sides.each_ref().map(|side| side.target.asked());
        left.filter(|digest| right == Some(*digest))
    }

    /// The digest that the manifests that are compared both have: of the lists, or of the images.
    fn same_bytes(&self) -> Option<&Digest> {
        let root = |side| Side::root(side).and_then(|node| node.digest.as_ref());
        let [left, right] = self.sides.each_ref().map(root);
        let [one, other] = Position::BOTH.map(|position| self.compared_digest(position));
        left.filter(|digest| right == Some(*digest))
            .or_else(|| one.filter(|digest| other == Some(*digest)))
    }

    /// The digest of the manifest that is compared: the entry's that is taken of a list, which
    /// need not be here.
    fn compared_digest(&self, position: Position) -> Option<&Digest> {
        let side = self.side(position);
        let Some(list) = side.list() else {
            return side.root()?.digest.as_ref();
        };
        match self.wanted_platform(position) {
            Wanted::Platform(platform) => entry_for(list, &platform)?.digest.as_ref(),
            Wanted::Unknown | Wanted::None => None,
        }
    }

    /// A list of which no entry can be taken, and why.
    fn without_entry(&self) -> Option<(Position, Trouble<'_>)> {
        for position in Position::BOTH {
            let side = self.side(position);
            if side.list().is_none() || side.child.is_some() {
                continue;
            }
            match self.wanted_platform(position) {
                Wanted::Platform(platform) => {
                    return Some((position, Trouble::NoEntry(platform)));
                }
                Wanted::Unknown => return Some((position, Trouble::NoPlatform)),
                Wanted::None => {}
            }
        }
        None
    }

    /// For which platform an entry of the list there is taken.
    fn wanted_platform(&self, position: Position) -> Wanted {
        if let Some(platform) = &self.platform {
            return Wanted::Platform(platform.clone());
        }
        let other = self.side(position.other());
        let Some(image) = other.root().and_then(|_| other.image()) else {
            return Wanted::None;
        };
        let platform = image.config.and_then(|config| config.platform());
        platform
            .filter(|it| it.names_machine())
            .map_or(Wanted::Unknown, |platform| {
                Wanted::Platform(platform.clone())
            })
    }

    /// Asks for what is compared and not here.
    fn next_fetches(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.named_alike().is_some() {
            return effects;
        }
        for position in Position::BOTH {
            if self.side(position).root.is_none() {
                self.side_mut(position).root = Some(Fetch::Pending);
                effects.push(self.fetch(position, ContentKey::Root, None));
            }
        }
        if self.sides.iter().any(|side| side.root().is_none()) {
            return effects;
        }
        // A child that is embedded in its list leads to its config at once.
        while self.want_more(&mut effects) {}
        effects
    }

    /// Asks for the next content of each side; true where one came without a request.
    fn want_more(&mut self, effects: &mut Vec<Effect>) -> bool {
        if self.same_bytes().is_some() {
            return false;
        }
        for position in Position::BOTH {
            let side = self.side(position);
            let (descriptor, key): (Descriptor, fn(Digest) -> ContentKey) =
                if let (Some(list), None) = (side.list(), &side.child) {
                    let Wanted::Platform(platform) = self.wanted_platform(position) else {
                        continue;
                    };
                    let Some(entry) = entry_for(list, &platform) else {
                        continue;
                    };
                    (entry.clone(), ContentKey::Child)
                } else if let (Some(image), None) = (side.image(), &side.config) {
                    let Some(config) = image.image.config.clone() else {
                        continue;
                    };
                    if self.has_config(position.other(), &config) {
                        continue;
                    }
                    (config, ContentKey::Config)
                } else {
                    continue;
                };
            if self.want(position, &descriptor, key, effects) {
                return true;
            }
        }
        false
    }

    /// Whether that side has the same config, or waits for it.
    fn has_config(&self, position: Position, config: &Descriptor) -> bool {
        let known = self.side(position).config.as_ref();
        known.is_some_and(|(known, _)| known.digest == config.digest)
    }

    /// Asks for one content; true where it came without a request, or never will.
    fn want(
        &mut self,
        position: Position,
        descriptor: &Descriptor,
        key: fn(Digest) -> ContentKey,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let digest = descriptor.digest.clone();
        // What has no digest cannot be asked for; it is kept, so that it is not wanted again.
        let key = key(digest.unwrap_or_else(|| Digest::sha256(b"")));
        match key {
            ContentKey::Config(_) => {
                self.side_mut(position).config = Some((descriptor.clone(), Fetch::Pending));
            }
            ContentKey::Root | ContentKey::Child(_) => {
                self.side_mut(position).child = Some((descriptor.clone(), Fetch::Pending));
            }
        }
        let too_large = descriptor
            .size
            .filter(|size| *size > limits::MANIFEST_BYTES as u64);
        if let Some(bytes) = descriptor.embedded() {
            self.store(position, &key, Ok(Received::local(bytes.into())));
        } else if descriptor.digest.is_none() {
            self.store(position, &key, Err(Failure::NotBundled));
        } else if let Some(size) = too_large {
            self.store(position, &key, Err(Failure::TooLarge { size }));
        } else {
            let media_type = descriptor.media_type.clone();
            effects.push(self.fetch(position, key, media_type));
            return false;
        }
        true
    }

    fn fetch(&self, position: Position, key: ContentKey, media_type: Option<MediaType>) -> Effect {
        Effect::Fetch {
            generation: self.generation,
            position,
            key,
            media_type,
        }
    }

    fn store(&mut self, position: Position, key: &ContentKey, result: Result<Received, Failure>) {
        let side = self.side_mut(position);
        match key {
            ContentKey::Root => {
                let asked = side.target.asked();
                let said: Option<Said> =
                    asked.map(|digest| (DigestSource::Asked, digest.to_string(), None));
                let read = |arrival| read_node(arrival, said, None);
                side.root = Some(Fetch::from_result(result, read));
            }
            ContentKey::Child(_) => {
                if let Some((entry, slot)) = &mut side.child {
                    let text = entry.digest_text.clone();
                    let said = Some((DigestSource::Parent, text, entry.size));
                    let read = |arrival| read_node(arrival, said, entry.media_type.clone());
                    *slot = Fetch::from_result(result, read);
                }
            }
            ContentKey::Config(digest) => {
                if let Some((descriptor, slot)) = &mut side.config {
                    let read = |arrival| read_config(arrival, digest, descriptor.size);
                    *slot = Fetch::from_result(result, read);
                }
            }
        }
    }
}

/// What is to be taken of a list.
enum Wanted {
    /// The entry for that platform.
    Platform(Platform),
    /// An entry, and nothing says for which platform.
    Unknown,
    /// No entry, as far as is known: both are lists, or the other one is not here.
    None,
}

/// Takes one message into the model; the answer is what to do next.
///
/// Choosing another platform keeps the lists and fetches what differs. Cancelling makes failures
/// of what is waited for; retrying forgets failures, and asks again.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Received { generation, .. } if generation != model.generation => Vec::new(),
        Msg::Received {
            position,
            key,
            result,
            ..
        } => {
            model.store(position, &key, result);
            model.next_fetches()
        }
        Msg::Choose(platform) => {
            // An answer to what was chosen before is not taken for one to this.
            model.generation = model.generation.next();
            model.platform = platform;
            for side in &mut model.sides {
                side.child = None;
                side.config = None;
                if matches!(side.root, Some(Fetch::Pending)) {
                    side.root = None;
                }
            }
            model.next_fetches()
        }
        Msg::Retry => {
            for side in &mut model.sides {
                if matches!(side.root, Some(Fetch::Failed(_))) {
                    side.root = None;
                }
                side.child
                    .take_if(|(_, child)| matches!(child, Fetch::Failed(_)));
                side.config
                    .take_if(|(_, config)| matches!(config, Fetch::Failed(_)));
            }
            model.next_fetches()
        }
        Msg::Cancel => {
            model.generation = model.generation.next();
            for side in &mut model.sides {
                for slot in side
                    .root
                    .iter_mut()
                    .chain(side.child.as_mut().map(|(_, it)| it))
                {
                    slot.cancel();
                }
                if let Some((_, config)) = &mut side.config {
                    config.cancel();
                }
            }
            vec![Effect::Abort]
        }
    }
}
