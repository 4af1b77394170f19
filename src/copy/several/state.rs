//! The state of several images: messages in, effects out.

use std::fmt;
use std::rc::Rc;

use waybill_core::platform::Platform;
use waybill_core::reference::{ReferenceError, RegistryHost};
use waybill_core::workflow::copy::several::{
    Base, Decision, Due, Image, Line, NAMES, Pair, Report, Run, Standing, Sums, WrongPlatform,
    choice_in, decide, read, read_platforms, to_plan, written,
};
use waybill_core::workflow::copy::{Choice, Commands, Model, Scope, TOOLS, add_commands};
use waybill_core::workflow::layers::{Bytes, Progress};

use super::message::{Effect, Msg};
use super::single::{Decide, Drawing, MakeNumbered, Order, Single};
use crate::components::heading::HEADING;
use crate::components::table::PageOfRows;
use crate::limits::ROWS_DRAWN;
use crate::route::{PartPage, Route, query, to_query};
use crate::shell::{PageCommand, Request};

/// How far all of them are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was asked.
    Empty,
    /// Sources and targets are asked.
    Planning,
    /// The person stopped that.
    PlanCancelled,
    /// None of them can be copied.
    Unplanned,
    /// What can be copied is planned, nothing is written yet.
    Planned,
    /// One after the other is written.
    Running,
    /// The person stopped that.
    Halted,
    /// Each had its turn.
    Ended,
}

/// A copy with the number that it wakes the page by.
struct Held {
    number: usize,
    pair: Pair,
    single: Box<dyn Single>,
}

/// Holds what the page of several images shows. Only [`State::update`] changes it.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each answers a question of its own"
)]
pub struct State {
    /// Whether the page is shown.
    pub is_shown: bool,
    /// The lines as they were typed.
    pub(super) text: String,
    /// The place for all, as it was typed.
    pub(super) to: String,
    /// What that names.
    pub(super) base: Option<Result<Base, ReferenceError>>,
    /// What the lines name.
    pub(super) lines: Vec<Line>,
    /// What is wanted of each.
    pub(super) choice: Choice,
    /// The platforms as they were typed.
    pub(super) platforms_text: String,
    /// What that names.
    pub(super) platforms: Result<Rc<[Platform]>, WrongPlatform>,
    /// Whether the form was sent as it stands, so that what is missing in it is said.
    pub(super) submitted: bool,
    /// What goes where, once it was to be planned; empty where the form changed since.
    pub(super) pairs: Vec<Pair>,
    /// How each of these stands.
    pub(super) images: Vec<Image>,
    /// The sum of these, as they were drawn last.
    sums: Sums,
    /// The copies of these, and behind them those of lines that are not there any more.
    held: Vec<Held>,
    /// How many copies were made.
    made: usize,
    run: Option<Run>,
    /// Whether it is to be drawn soon, since something came of copies.
    is_to_draw: bool,
    /// Effects that wait for that.
    for_next_drawing: Vec<Effect>,
    /// Whether bytes move, so that the page is not to be left unasked.
    is_held: bool,
    /// Whether the person stopped what was under way.
    is_halted: bool,
    /// Whether the person only wants it to stand still for a while.
    pub(super) is_paused: bool,
    /// How fast it goes.
    pub(super) progress: Progress,
    /// The row from which on the table is drawn.
    pub(super) from_row: usize,
    /// The row whose steps are shown.
    pub(super) opened: Option<usize>,
    make: MakeNumbered,
    /// What Copy draws.
    pub(super) drawing: Drawing,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("images", &self.images)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl State {
    /// Makes the state of the page before anything is shown on it, with what makes its copies, and what Copy
    /// draws of them.
    #[must_use]
    pub fn new(make: MakeNumbered, drawing: Drawing) -> Self {
        Self {
            is_shown: false,
            text: String::new(),
            to: String::new(),
            base: None,
            lines: Vec::new(),
            choice: Choice::default(),
            platforms_text: String::new(),
            platforms: Ok(Rc::new([])),
            submitted: false,
            pairs: Vec::new(),
            images: Vec::new(),
            sums: Sums::default(),
            held: Vec::new(),
            made: 0,
            run: None,
            is_to_draw: false,
            for_next_drawing: Vec::new(),
            is_held: false,
            is_halted: false,
            is_paused: false,
            progress: Progress::default(),
            from_row: 0,
            opened: None,
            make,
            drawing,
        }
    }

    /// How far all of them are.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let any = |is: &dyn Fn(Standing) -> bool| self.images.iter().any(|it| is(it.standing));
        match &self.run {
            _ if self.images.is_empty() => Phase::Empty,
            Some(run) if run.is_going() => Phase::Running,
            Some(_) if self.is_halted => Phase::Halted,
            Some(_) => Phase::Ended,
            None if self.is_halted => Phase::PlanCancelled,
            None if any(&is_open) => Phase::Planning,
            None if any(&|standing| standing == Standing::Planned) => Phase::Planned,
            None => Phase::Unplanned,
        }
    }

    /// How each stands, in the order of the lines; none where nothing was to be planned.
    #[must_use]
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// The sum of all of them.
    #[must_use]
    pub fn sums(&self) -> Sums {
        if self.is_to_draw {
            Sums::new(self.pairs.iter().zip(&self.images))
        } else {
            self.sums
        }
    }

    /// The image whose turn it is.
    #[must_use]
    pub fn turn(&self) -> Option<usize> {
        self.run.as_ref()?.turn()
    }

    /// Takes one message and returns the effects to run, in their order.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let before = self.phase();
        let mut is_drawn = true;
        let mut effects = Vec::new();
        match msg {
            Msg::Command(PageCommand::Show(address)) => effects.push(self.show(&address)),
            Msg::Command(PageCommand::Hide) => self.is_shown = false,
            Msg::Command(PageCommand::Retry) => self.retry(),
            Msg::LinesTyped(text) => {
                self.text = text;
                self.follow();
            }
            Msg::ToTyped(text) => {
                self.to = text;
                self.follow();
            }
            Msg::Choose(choice) => {
                self.choice = choice;
                self.close();
            }
            Msg::PlatformsTyped(text) => {
                self.submitted = false;
                self.platforms = read_platforms(&text).map(Rc::from);
                self.platforms_text = text;
                self.close();
            }
            Msg::Submitted => effects.extend(self.submit()),
            Msg::Woken(number) => {
                self.wake(number);
                is_drawn = false;
            }
            Msg::Start => {
                self.run = Some(Run::start(&self.images));
                self.advance();
            }
            Msg::Halt { is_paused } => self.halt(is_paused),
            Msg::GoOn => self.go_on(),
            Msg::SaveReport { json } => effects.push(self.save_report(json)),
            Msg::ShowFrom(row) => self.from_row = row,
            Msg::Toggle(row) => {
                self.opened = Some(row).filter(|row| self.opened != Some(*row));
            }
            Msg::Close => self.close(),
            Msg::Draw(now) if self.is_busy() => {
                let bytes = Bytes {
                    received: self.sums().sent,
                    unpacked: 0,
                };
                self.progress.take(now, bytes);
            }
            Msg::Command(PageCommand::Open(_)) | Msg::Draw(_) => {}
        }
        let after = self.after(before);
        effects.extend(after);
        self.for_next_drawing.extend(effects);
        if !is_drawn {
            let is_soon = std::mem::replace(&mut self.is_to_draw, true);
            return [Effect::DrawSoon]
                .into_iter()
                .filter(|_| !is_soon)
                .collect();
        }
        self.is_to_draw = false;
        self.sums = Sums::new(self.pairs.iter().zip(&self.images));
        std::mem::take(&mut self.for_next_drawing)
    }

    /// Tells whether the page is drawn after a message. What comes of copies is drawn some times a second.
    #[must_use]
    pub fn draws(&self, msg: &Msg) -> bool {
        match msg {
            Msg::Command(_) => true,
            Msg::Woken(_) => false,
            _ => self.is_shown,
        }
    }

    /// Tells whether something is being written, so that nothing else may be begun.
    pub(super) fn is_busy(&self) -> bool {
        self.phase() == Phase::Running
    }

    /// Comes to the page. What its address names takes the place of what is typed, unless that is under way.
    fn show(&mut self, address: &str) -> Effect {
        self.is_shown = true;
        let [images, to] = query(address, ["images", "to"]);
        let is_open = matches!(self.phase(), Phase::Running | Phase::Halted);
        if !images.is_empty() && !is_open && address != self.address() {
            self.text = images.replace(',', "\n").replace('=', " ");
            self.to = to;
            let chosen = query(address, NAMES);
            self.choice = choice_in(&chosen);
            self.platforms_text = chosen[1].replace(',', ", ");
            self.follow();
        }
        Effect::Request(Request::Title("Copy · Waybill".into()))
    }

    /// The address of what is typed, behind the name of the page.
    fn address(&self) -> String {
        let pairs = self.lines.iter().filter_map(|line| line.pair.as_ref().ok());
        let images = pairs.map(|pair| {
            let target = pair.names_target.then(|| ["=", &pair.to()].concat());
            pair.from() + &target.unwrap_or_default()
        });
        let images: Vec<_> = images.collect();
        let to = self.base().map(Base::address).unwrap_or_default();
        let images = images.join(",");
        let chosen = written(&self.choice, self.platforms());
        let chosen = NAMES.into_iter().zip(&chosen);
        let first = [("images", images.as_str()), ("to", to.as_str())];
        let all = first
            .into_iter()
            .chain(chosen.map(|(name, text)| (name, text.as_str())));
        to_query(&all.collect::<Vec<_>>())
    }

    /// The platforms that are named; none where everything of a list goes along.
    pub(super) fn platforms(&self) -> &[Platform] {
        let platforms = self.platforms.as_deref().unwrap_or_default();
        if self.choice.scope == Scope::All {
            &[]
        } else {
            platforms
        }
    }

    /// The place for all, where one is named.
    fn base(&self) -> Option<&Base> {
        self.base.as_ref()?.as_ref().ok()
    }

    /// Reads what is typed. The plan of what was typed before is put away.
    fn follow(&mut self) {
        self.submitted = false;
        self.base = Base::read(&self.to);
        self.lines = read(&self.text, self.base());
        self.platforms = read_platforms(&self.platforms_text).map(Rc::from);
        self.close();
    }

    /// Puts the plan away, and stops what is under way of it. What was read of the sources stays.
    fn close(&mut self) {
        for held in &mut self.held {
            held.single.order(Order::Halt);
        }
        (self.pairs, self.images) = (Vec::new(), Vec::new());
        self.run = None;
        (self.is_halted, self.is_paused) = (false, false);
        (self.from_row, self.opened) = (0, None);
        self.progress = Progress::default();
    }

    /// Plans what the form says, unless a line of it is wrong: its address is that of all of it.
    fn submit(&mut self) -> Vec<Effect> {
        if self.is_busy() {
            return Vec::new();
        }
        self.submitted = true;
        if matches!(self.base, Some(Err(_))) {
            return vec![Effect::Focus(TO)];
        }
        let pairs: Result<Vec<_>, _> = self.lines.iter().map(|line| line.pair.clone()).collect();
        let Some(pairs) = pairs.ok().filter(|pairs| !pairs.is_empty()) else {
            return vec![Effect::Focus(LINES)];
        };
        if self.choice.scope != Scope::All && self.platforms().is_empty() {
            return vec![Effect::Focus(PLATFORMS)];
        }
        self.close();
        let mut before = std::mem::take(&mut self.held);
        for pair in &pairs {
            let known = before.iter().position(|held| held.pair == *pair);
            let held = match known {
                Some(place) => before.swap_remove(place),
                None => self.hold(pair),
            };
            self.held.push(held);
        }
        self.images = vec![Image::waiting(); pairs.len()];
        self.pairs = pairs;
        let route = Route::Part(PartPage::Copy, self.address());
        self.advance();
        vec![Effect::Request(Request::Navigate(route))]
    }

    fn hold(&mut self, pair: &Pair) -> Held {
        self.made += 1;
        Held {
            number: self.made,
            pair: pair.clone(),
            single: (self.make)(self.made, pair),
        }
    }

    /// Takes what came of one copy, and does what comes next.
    fn wake(&mut self, number: usize) {
        let Some(place) = self.held.iter().position(|held| held.number == number) else {
            return;
        };
        self.held[place].single.take();
        self.look(place);
        self.advance();
    }

    /// Looks how the copy at that place stands.
    fn look(&mut self, place: usize) {
        let Some(held) = self.held.get(place) else {
            return;
        };
        let (standing, why) = held.single.standing();
        let known = held.single.models().map(|(source, selection, push)| {
            Image::new(standing, self.platforms(), source, selection, push)
        });
        let known = known.unwrap_or_else(Image::waiting);
        if let Some(image) = self.images.get_mut(place) {
            *image = Image { why, ..known };
        }
    }

    fn order(&mut self, place: usize, order: Order) {
        if let Some(held) = self.held.get_mut(place) {
            held.single.order(order);
            self.look(place);
        }
    }

    /// Begins what may begin: the next plans, or the next copy.
    fn advance(&mut self) {
        if let Some(run) = &mut self.run {
            let Some((place, due)) = run.next(&self.pairs, &self.images) else {
                return;
            };
            let order = match due {
                Due::Plan => self.plan(),
                Due::Start => Order::Start,
                Due::GoOn => Order::GoOn,
            };
            self.order(place, order);
            // One that ends at once leaves its turn to the next.
            return self.advance();
        }
        if self.is_halted {
            return;
        }
        let standings: Vec<_> = self.images.iter().map(|image| image.standing).collect();
        let mut is_begun = false;
        for place in to_plan(&standings, self.is_heavy()) {
            self.order(place, self.plan());
            is_begun |= self.images[place].standing != Standing::Waiting;
        }
        // One that is refused at once leaves its place to the next.
        if is_begun {
            self.advance();
        }
    }

    /// The order to plan a copy, as the form says.
    fn plan(&self) -> Order {
        let decide: Decide = match (self.choice.scope, &self.platforms) {
            (Scope::All, _) | (_, Err(_)) => Rc::new(|_| Decision::Chosen(Vec::new())),
            (_, Ok(platforms)) => {
                let platforms = Rc::clone(platforms);
                Rc::new(move |source: &Model| decide(&platforms, source))
            }
        };
        Order::Plan(self.choice.clone(), decide)
    }

    /// Whether layers are compressed before the plan.
    fn is_heavy(&self) -> bool {
        self.choice.compression.is_some()
    }

    /// Stops what is under way, of whatever.
    fn halt(&mut self, is_paused: bool) {
        (self.is_halted, self.is_paused) = (true, is_paused);
        self.progress.stand();
        match &mut self.run {
            Some(run) => {
                if let Some(place) = run.halt() {
                    self.order(place, Order::Halt);
                }
            }
            None => {
                for place in 0..self.images.len() {
                    if self.images[place].standing == Standing::Planning {
                        self.order(place, Order::Halt);
                    }
                }
            }
        }
    }

    /// Goes on with what was stopped; where nothing was, with what failed.
    fn go_on(&mut self) {
        (self.is_halted, self.is_paused) = (false, false);
        match &mut self.run {
            Some(run) => run.go_on(&self.images),
            None => {
                for image in &mut self.images {
                    if image.standing == Standing::Unplanned {
                        *image = Image::waiting();
                    }
                }
            }
        }
        self.advance();
    }

    /// Tries again what failed, since something changed that it may have failed for. What the person stopped waits for
    /// the person.
    fn retry(&mut self) {
        match self.phase() {
            Phase::Planning | Phase::Planned | Phase::Unplanned => self.go_on(),
            Phase::Ended if self.sums().copied < self.images.len() => self.go_on(),
            Phase::Empty | Phase::PlanCancelled | Phase::Running | Phase::Halted | Phase::Ended => {
            }
        }
    }

    fn save_report(&self, json: bool) -> Effect {
        let all = self.pairs.iter().zip(&self.images).zip(&self.held);
        let images: Vec<_> = all
            .map(|((pair, image), held)| (pair, image, held.single.report(json)))
            .collect();
        let report = Report { images: &images };
        let (name, text) = if json {
            ("copies-report.json", report.json())
        } else {
            ("copies-report.txt", report.text())
        };
        Effect::Request(Request::Save(name.to_owned(), text.into_bytes().into()))
    }

    /// The rows of the table that are drawn.
    pub(super) fn rows(&self) -> PageOfRows {
        let of = self.images.len();
        PageOfRows {
            from: self.from_row.min(of.saturating_sub(1)) / ROWS_DRAWN * ROWS_DRAWN,
            length: ROWS_DRAWN,
            of,
        }
    }

    /// The copy in that row.
    pub(super) fn single(&self, row: usize) -> Option<&dyn Single> {
        let held = self.held.get(row).filter(|_| row < self.images.len());
        held.map(|held| &*held.single)
    }

    /// The commands of the copies in the rows that are drawn, one after the other for each tool, of how many copies
    /// they are (those that have a plan), and the tools that cannot make all of them.
    pub(super) fn commands(
        &self,
        plain_http: &[RegistryHost],
    ) -> (usize, Vec<Commands>, Vec<&'static str>) {
        let rows = self.rows();
        let singles = self.images.iter().zip(&self.held);
        let singles = singles.skip(rows.from).take(rows.length);
        let planned = singles.filter(|(image, _)| image.has_plan);
        let mut each = planned.map(|(_, held)| held.single.commands(plain_http));
        let Some(mut all) = each.next() else {
            return (0, Vec::new(), Vec::new());
        };
        let mut count = 1;
        for others in each {
            add_commands(&mut all, others);
            count += 1;
        }
        let is_missing = |tool: &&str| !all.iter().any(|known| known.tool == *tool);
        let missing = TOOLS.into_iter().filter(is_missing).collect();
        (count, all, missing)
    }

    /// Returns the effects that follow a change from that phase.
    fn after(&mut self, before: Phase) -> Vec<Effect> {
        let now = self.phase();
        let mut effects = Vec::new();
        if now == before {
            return effects;
        }
        if now != Phase::Running {
            self.progress.stand();
        }
        let is_held = now == Phase::Running || now == Phase::Planning && self.is_heavy();
        if is_held != self.is_held {
            self.is_held = is_held;
            effects.push(Effect::Guard(is_held));
        }
        if self.is_shown && !matches!(now, Phase::Empty | Phase::Planning) {
            effects.push(Effect::Focus(HEADING));
        }
        effects
    }
}

/// Whether it is not known yet whether an image can be copied.
fn is_open(standing: Standing) -> bool {
    matches!(standing, Standing::Waiting | Standing::Planning)
}

/// The id of the box for the lines.
pub(super) const LINES: &str = "several-lines";
/// The id of the box for the place of all.
pub(super) const TO: &str = "several-to";
/// The id of the box for the platforms.
pub(super) const PLATFORMS: &str = "several-platforms";
