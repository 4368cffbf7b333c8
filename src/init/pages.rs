//! The texts of a trial region that people read and change.

use protocol::{HomeFloor, Mode, PartyId};

use super::{AUTHORITY_KEY, OFFLINE, Place, Plan, REVOKED, certificates};
use crate::keys::{NETWORK, REGION_KEY, ROSTER};

/// Where an office's journal lies, beside its settings.
pub(super) const JOURNALS: &str = "journal";

/// An office's settings.
pub(super) struct OfficePage<'a> {
    pub(super) plan: &'a Plan,
    pub(super) place: &'a Place,
    pub(super) floors: Vec<HomeFloor>,
}

impl OfficePage<'_> {
    pub(super) fn text(&self) -> String {
        let member = &self.place.office.member;
        let (zh, en) = (&member.name_zh, &member.name_en);
        let mut page = format!(
            "# {zh} / {en}. Paths are relative to this file.\n\
             version = 1\n\
             office = \"{office}\"\n\
             network = \"{NETWORK}\"\n\
             roster = \"{ROSTER}\"\n\
             region = \"{region}\"\n\
             # A file of mode 0600, credential:NAME (systemd LoadCredential) or env:NAME.\n\
             key = \"office.key\"\n\
             journal = \"{JOURNALS}\"\n",
            office = member.party,
            region = self.plan.region_named,
        );
        if self.plan.network.mode == Mode::Actual {
            page +=
                "# Empty but for its headings; fill it in and check it with `liandong check`.\n";
        } else {
            page += "# 演示数据 / demo data: invented units at made-up places.\n";
        }
        page += "inventory = \"inventory.csv\"\n\
                 # advise: people decide. act: the planner does, on an exercise or a test alone.\n\
                 autonomy = \"advise\"\n\
                 # own-first, nearest, batch, look-ahead, replan: docs/dispatch.md says how they differ.\n\
                 planning = \"own-first\"\n\
                 aid_window_s = 30\n\
                 # 前置: units to ask for when a storm is forecast to strike here, as \"pump=3x12h\".\n\
                 stand_by = []\n\n\
                 # What is never lent, by kind.\n[floors]\n";
        let kept = self.floors.iter().filter(|floor| floor.keep > 0);
        page.extend(kept.map(|floor| format!("{} = {}\n", floor.kind.code(), floor.keep)));
        page.extend([format!(
            "\n[gate]\nlisten = [\"mqtts://127.0.0.1:{}\"]\ncert = \"tls.pem\"\nkey = \"tls.key\"\nclient_ca = \
             \"ca.pem\"\n",
            self.place.port
        )]);
        let new = self.plan.places.iter();
        let new = new.filter(|it| it.port != self.place.port);
        let new = new.map(|other| (other.office.member.party, url(other)));
        let all = self.plan.others.iter().cloned().chain(new);
        page.extend(all.map(|(office, url)| bus(office, &url)));
        page
    }
}

/// An operator's settings.
pub(super) struct OperatorPage<'a> {
    pub(super) plan: &'a Plan,
    pub(super) place: &'a Place,
}

impl OperatorPage<'_> {
    pub(super) fn text(&self) -> String {
        format!(
            "# Whoever is on the desk of {zh} / {en}. Paths are relative to this file.\n\
             version = 1\n\
             operator = \"{operator}\"\n\
             office = \"{office}\"\n\
             network = \"{NETWORK}\"\n\
             roster = \"{ROSTER}\"\n\
             region = \"{region}\"\n\
             key = \"operator.key\"\n\n\
             [bus]\n\
             url = \"{url}\"\n\
             ca = \"ca.pem\"\ncert = \"operator.tls.pem\"\nkey = \"operator.tls.key\"\n",
            zh = self.place.office.member.name_zh,
            en = self.place.office.member.name_en,
            operator = self.place.operator.member.party,
            office = self.place.office.member.party,
            region = self.plan.region_named,
            url = url(self.place),
        )
    }
}

/// The lines by which an office joins another's bus.
pub(super) fn bus(office: PartyId, url: &str) -> String {
    format!("\n[[bus]]\noffice = \"{office}\"\nurl = \"{url}\"\n")
}

/// Where an office's bus is.
pub(super) fn url(place: &Place) -> String {
    format!("mqtts://127.0.0.1:{}", place.port)
}

/// What lies where.
pub(super) fn readme(plan: &Plan) -> String {
    let mut page = format!(
        "{net} ({mode}): a region to try, made by `liandong init`.\n\n\
         Each folder below is one office's and can be moved to its machine as a whole; then write the\n\
         addresses of the others into its office.toml ([[bus]] url) and its own into theirs ([gate] listen).\n\n",
        net = plan.network.id,
        mode = plan.network.mode.code(),
    );
    page.extend(plan.places.iter().map(|place| {
        let member = &place.office.member;
        format!(
            "{}/  {} / {}, 127.0.0.1:{}\n",
            member.party, member.name_zh, member.name_en, place.port
        )
    }));
    page += "\nIn an office's folder:\n\
             office.toml       its settings; `liandong office --config office.toml`\n\
             operator.toml     its operator's; `liandong command --config operator.toml needs`\n\
             office.key, operator.key, tls.key, operator.tls.key   secret, mode 0600\n\
             tls.pem, operator.tls.pem, ca.pem   certificates of this region's own authority\n\
             network.toml, roster.log   who belongs, signed by the region's key\n\
             inventory.csv     what it has\n\n";
    if plan.network.mode != Mode::Actual {
        page += "Inventories and floors are 演示数据 / demo data, invented. This is no actual network: whatever is\n\
                 said on it is marked 【测试】 or 【演练】, and its keys open nothing on another.\n\n";
    }
    page.extend([format!(
        "{OFFLINE}/  the region's own key and authority; see NOTE.txt in it.\n\n\
         Certificates hold for {} years, the authority's for {}. `liandong doctor` on this folder says what is\n\
         wrong and what to do.\n",
        certificates::PARTY_YEARS,
        certificates::AUTHORITY_YEARS
    )]);
    page
}

/// What to do with the region's offline key.
pub(super) fn note() -> String {
    format!(
        "{REGION_KEY} signs who belongs to the region. Whoever has it can admit and revoke anybody.\n\
         {AUTHORITY_KEY} certifies who may come in to the offices' buses; {REVOKED} has what was taken back of that.\n\n\
         1. Move this whole folder to a machine or a stick that is on no network, and delete it here.\n\
         2. Keep a second copy in a safe, and put the new {ROSTER} and {REVOKED} into it after each change. If\n\
         \x20  {REGION_KEY} is lost, nobody can be admitted or revoked any more, and the region has to be made anew.\n\
         3. To change the roster, on that machine:\n\
         \x20    liandong keys revoke op-990100 --region .\n\
         \x20    liandong keys admit new.pub --region .\n\
         \x20  then put the new {ROSTER} in place of an office's and send that office SIGHUP. It hands the change\n\
         \x20  to the others; who was away gets it when it is back.\n"
    )
}
